/** Blocked words are written one a line, or with commas between. */
export function readWords(text: string): string[] {
  const words = text.split(/[\n,，、]/).map((word) => word.trim())
  return [...new Set(words.filter((word) => word !== ''))]
}

export const writeWords = (words: readonly string[]): string => words.join('\n')
