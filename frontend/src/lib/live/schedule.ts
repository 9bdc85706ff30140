/** What `<input type="datetime-local">` reads and gives: the reader's own time, to the minute. */
export function toLocalInput(iso: string | null): string {
  if (iso === null) return ''
  const date = new Date(iso)
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** Null for an empty or unreadable input. */
export function fromLocalInput(value: string): string | null {
  const date = new Date(value)
  return value === '' || Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** Why a live cannot start at what was put in; null when it can. */
export function startProblem(value: string, now: number): 'timeNeeded' | 'timePast' | null {
  const at = fromLocalInput(value)
  if (at === null) return 'timeNeeded'
  return Date.parse(at) <= now ? 'timePast' : null
}

/** The next full hour that is at least half an hour away: a likely start. */
export function likelyStart(now: number): string {
  const hour = 3_600_000
  return new Date(Math.ceil((now + hour / 2) / hour) * hour).toISOString()
}

/** Whole seconds until then; 0 when it has passed. */
export function secondsUntil(iso: string, now: number): number {
  return Math.max(0, Math.ceil((new Date(iso).getTime() - now) / 1000))
}
