import { tokenize } from '../video/richText'

export type Word =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; name: string }

const MENTION = /(?<![\w@.])@(\w{3,30})(?!\w)/g

/** Cuts a message into plain text, web links and mentions, for a template to draw. No HTML passes through. */
export function wordsOf(text: string): Word[] {
  return tokenize(text).flatMap((token) => (token.kind === 'link' ? [token] : mentionsOf(token.text)))
}

function mentionsOf(text: string): Word[] {
  const words: Word[] = []
  let from = 0
  for (const match of text.matchAll(MENTION)) {
    if (match.index > from) words.push({ kind: 'text', text: text.slice(from, match.index) })
    words.push({ kind: 'mention', text: match[0], name: match[1] ?? '' })
    from = match.index + match[0].length
  }
  if (from < text.length) words.push({ kind: 'text', text: text.slice(from) })
  return words
}

export function mentions(text: string, name: string | null): boolean {
  if (name === null || !text.includes('@')) return false
  return [...text.matchAll(MENTION)].some((match) => match[1]?.toLowerCase() === name.toLowerCase())
}

const ONE = String.raw`(?:\p{RI}\p{RI}|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*)`
const ONLY_EMOJI = new RegExp(String.raw`^(?:${ONE}\s*){1,3}$`, 'u')

/** One to three emoji and nothing else: drawn large. */
export const isOnlyEmoji = (text: string) => ONLY_EMOJI.test(text.trim())
