/**
 * News that come while an answer is on its way may be newer than the answer: they are told again on top of it.
 * What is told must do no harm when it is told twice.
 */
export function createReplay() {
  let onTheirWay = 0
  let heard: (() => void)[] = []
  return {
    /** An answer is on its way. */
    begin: () => void onTheirWay++,
    tell(apply: () => void): void {
      if (onTheirWay > 0) heard.push(apply)
      apply()
    },
    /** The answer is in place, or will not come. */
    end(): void {
      onTheirWay--
      heard.forEach((apply) => apply())
      if (onTheirWay === 0) heard = []
    },
  }
}
