/** What to do about a failed request. Status 0 means that no answer came. */
export type Verdict = 'retry' | 'sign-again' | 'give-up'

/** An error with the HTTP status it came with; the REST client's errors have the same two fields. */
export class PartError extends Error {
  constructor(
    readonly status: number,
    readonly code = 'part_failed',
    message = `part refused with status ${status}`,
  ) {
    super(message)
    this.name = 'PartError'
  }
}

export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null
  return typeof error.status === 'number' ? error.status : null
}

function isTemporary(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500
}

/** A part PUT goes to the object store, where 403 means that the signed address has run out. */
export function judgePut(error: unknown): Verdict {
  const status = statusOf(error)
  if (status === null) return 'give-up'
  if (status === 403) return 'sign-again'
  return isTemporary(status) ? 'retry' : 'give-up'
}

/** Calls to our own service. */
export function judgeCall(error: unknown): Verdict {
  const status = statusOf(error)
  return status !== null && isTemporary(status) ? 'retry' : 'give-up'
}
