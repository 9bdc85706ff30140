export type CaptionProblem = 'not_captions' | 'too_large' | 'bad_language'

/** What the service reads besides UTF-8, by the names browsers know. */
export const ENCODINGS = ['euc-kr', 'big5', 'gb18030', 'shift_jis', 'windows-1252', 'utf-16'] as const
export type Encoding = (typeof ENCODINGS)[number]

const TYPES: Record<string, string> = { vtt: 'text/vtt', srt: 'application/x-subrip' }
const PREVIEW_BYTES = 4096
const PREVIEW_LINES = 4

/** The type to send a file as, by its name; null for what holds no captions. */
export function captionType(name: string): string | null {
  return TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? null
}

/** Null `most` is not known yet: then the service alone refuses. */
export function captionProblem(lang: string, file: { name: string; size: number }, most: number | null): CaptionProblem | null {
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/.test(lang)) return 'bad_language'
  if (captionType(file.name) === null) return 'not_captions'
  return most !== null && file.size > most ? 'too_large' : null
}

/** The first lines of text a reading makes of a file: numbers and times tell nobody whether it is right. */
export function preview(bytes: ArrayBuffer, encoding: Encoding): string {
  const text = new TextDecoder(encoding).decode(bytes.slice(0, PREVIEW_BYTES))
  const lines = text.split(/\r\n|\r|\n/).filter((line) => /\p{L}/u.test(line) && !line.includes('-->') && !/^WEBVTT/.test(line))
  return lines.slice(0, PREVIEW_LINES).join('\n')
}
