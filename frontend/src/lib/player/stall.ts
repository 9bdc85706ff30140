export type StallReason = 'offline' | 'slow' | 'loading' | 'server'

export interface StallFacts {
  isOnline: boolean
  /** Seconds the picture has stood still. */
  seconds: number
  hasStarted: boolean
  /** Requests failed since the picture stopped. */
  failures: number
}

/** Why the picture stands still, as far as can be told; null while it is too early to say anything. */
export function stallReason(facts: StallFacts): StallReason | null {
  if (!facts.isOnline) return 'offline'
  if (facts.failures > 0) return 'server'
  if (facts.seconds < 3) return null
  return facts.hasStarted ? 'slow' : 'loading'
}
