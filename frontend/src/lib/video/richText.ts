import { parseClock } from '../player/clock'

export type Token =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'time'; text: string; seconds: number }

const LINK = /https?:\/\/[^\s<>"'`\u3000-\u303F\uFF00-\uFFEF]+/gi
const TIME = /(?<![\w:.])(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?![\w:])/g

/** Cuts a description into plain text, web links and time stamps, for a template to draw. No HTML passes through. */
export function tokenize(text: string, durationSeconds: number | null = null): Token[] {
  const tokens: Token[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const raw = trimLink(match[0])
    const href = safeHref(raw)
    if (!href) continue
    splitTimes(text.slice(from, match.index), durationSeconds, tokens)
    tokens.push({ kind: 'link', text: raw, href })
    from = match.index + raw.length
  }
  splitTimes(text.slice(from), durationSeconds, tokens)
  return tokens
}

function splitTimes(text: string, duration: number | null, tokens: Token[]): void {
  let from = 0
  for (const match of text.matchAll(TIME)) {
    const seconds = parseClock(match[0])
    if (seconds === null || (duration !== null && seconds > duration)) continue
    pushText(text.slice(from, match.index), tokens)
    tokens.push({ kind: 'time', text: match[0], seconds })
    from = match.index + match[0].length
  }
  pushText(text.slice(from), tokens)
}

function pushText(text: string, tokens: Token[]): void {
  if (text) tokens.push({ kind: 'text', text })
}

/** A full stop or a closing bracket after an address belongs to the sentence, unless the bracket was opened in it. */
function trimLink(link: string): string {
  let end = link.length
  for (;;) {
    const last = link[end - 1] ?? ''
    const body = link.slice(0, end)
    const isUnpaired = last === ')' && body.split('(').length < body.split(')').length
    if (/[.,;:!?\]}]/.test(last) || isUnpaired) end--
    else return body
  }
}

function safeHref(link: string): string | null {
  try {
    const url = new URL(link)
    return url.hostname && !url.username && !url.password ? url.href : null
  } catch {
    return null
  }
}
