/** Who is typing: name → when that stops being true, in milliseconds. */
export type Typing = ReadonlyMap<string, number>

export const TYPING_MS = 5000
/** How often I say that I am typing. */
export const SAY_TYPING_MS = 3000

export function nowTyping(typing: Typing, name: string, now: number): Typing {
  return new Map([...typing].filter(([, until]) => until > now)).set(name, now + TYPING_MS)
}

export function stoppedTyping(typing: Typing, name: string): Typing {
  if (!typing.has(name)) return typing
  return new Map([...typing].filter(([one]) => one !== name))
}

export function stillTyping(typing: Typing, now: number): Typing {
  const left = [...typing].filter(([, until]) => until > now)
  return left.length === typing.size ? typing : new Map(left)
}
