/** The service's time as far as its answers tell it: what it plans must not begin by a browser's clock that is wrong. */
let offset = 0

/** Slower answers say too little about when they were written. */
const SLOWEST_MS = 2000
/** An answer tells whole seconds: less than this is no difference. */
const BLUR_MS = 2000

export function toServiceTime(browserTime: number): number {
  return browserTime + offset
}

export function serviceNow(): number {
  return toServiceTime(Date.now())
}

/** From the Date header of an answer and when, by the browser's clock, it was asked for and came. */
export function learnTime(date: string | null, askedAt: number, cameAt: number): void {
  const told = Date.parse(date ?? '')
  if (Number.isNaN(told) || cameAt < askedAt || cameAt - askedAt > SLOWEST_MS) return
  const found = told + 500 - (askedAt + cameAt) / 2
  if (Math.abs(found) < BLUR_MS) offset = 0
  else if (Math.abs(found - offset) >= BLUR_MS) offset = found
}
