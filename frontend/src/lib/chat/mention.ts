/** The name that is being typed at the caret: `@an|` gives { from: 0, query: 'an' }. */
export interface Asked {
  from: number
  query: string
}

export function askedMention(text: string, caret: number): Asked | null {
  const match = /(?<![\w@.])@(\w{0,30})$/.exec(text.slice(0, caret))
  return match ? { from: match.index, query: match[1] ?? '' } : null
}

export interface Known {
  name: string
  display: string
}

/** Who may be meant, those who wrote last first. `recent` may name somebody many times. */
export function matchingNames(query: string, recent: Iterable<Known>, limit = 6): Known[] {
  const wanted = query.toLowerCase()
  const found = new Map<string, Known>()
  for (const one of recent) {
    if (found.size >= limit) break
    const isMeant = one.name.toLowerCase().startsWith(wanted) || one.display.toLowerCase().startsWith(wanted)
    if (isMeant && !found.has(one.name)) found.set(one.name, one)
  }
  return [...found.values()]
}

/** The text with the name in place of what was typed of it, and where the caret goes. */
export function completeMention(text: string, caret: number, asked: Asked, name: string): { text: string; caret: number } {
  const rest = text.slice(caret)
  const inserted = `@${name}${rest.startsWith(' ') ? '' : ' '}`
  return { text: text.slice(0, asked.from) + inserted + rest, caret: asked.from + inserted.length }
}
