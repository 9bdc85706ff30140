import type { Restriction, Rules } from './message'

export interface ComposerInput {
  isSignedIn: boolean
  isVerified: boolean
  /** The owner or a moderator: rules do not hold for them. */
  isInCharge: boolean
  isFollowing: boolean
  hasEnded: boolean
  rules: Rules
  restriction: Restriction | null
  now: number
}

/** Why nothing can be written now; `open` when something can. */
export type ComposerState =
  | { kind: 'open' | 'guest' | 'unverified' | 'follow' | 'closed' | 'ended' }
  | { kind: 'banned'; reason: string }
  | { kind: 'timeout'; reason: string; until: string }

export function composerState(input: ComposerInput): ComposerState {
  const { rules, restriction } = input
  if (input.hasEnded) return { kind: 'ended' }
  if (!input.isSignedIn) return { kind: 'guest' }
  if (restriction && restriction.until === null) return { kind: 'banned', reason: restriction.reason }
  if (restriction?.until && Date.parse(restriction.until) > input.now) {
    return { kind: 'timeout', reason: restriction.reason, until: restriction.until }
  }
  if (input.isInCharge) return { kind: 'open' }
  if (!rules.is_open) return { kind: 'closed' }
  if (rules.verified_only && !input.isVerified) return { kind: 'unverified' }
  if (rules.followers_only && !input.isFollowing) return { kind: 'follow' }
  return { kind: 'open' }
}

/** What is sent of what was typed: one line. */
export const tidy = (text: string) => text.split(/\s+/).filter(Boolean).join(' ')

/** Characters that may still be written, as the service counts: an emoji outside the basic plane is one, not two. */
export function charsLeft(text: string, max: number): number {
  return max - [...tidy(text)].length
}

/** Close enough to the limit that the writer wants to know. */
export function isNearLimit(left: number, max: number): boolean {
  return left <= Math.min(80, max / 5)
}

/** Whole seconds until then, at least 0. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000))
}
