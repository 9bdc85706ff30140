export interface WatchedMeter {
  /** Call on every time update of a playing picture. Gives the seconds really watched so far. */
  tick(mediaSeconds: number, rate: number): number
  /** Call when playing stops or jumps: the next tick starts a new stretch. */
  cut(): void
}

/** Adds up what was played, not what was jumped over: a step larger than playing can explain does not count. */
export function watchedMeter(): WatchedMeter {
  let total = 0
  let last: number | null = null
  return {
    tick(mediaSeconds, rate) {
      const step = last === null ? 0 : mediaSeconds - last
      if (step > 0 && step < 1.5 * Math.max(1, rate)) total += step / Math.max(1, rate)
      last = mediaSeconds
      return total
    },
    cut() {
      last = null
    },
  }
}
