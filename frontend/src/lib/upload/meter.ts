interface Sample {
  at: number
  bytes: number
}

export interface Meter {
  /** Total bytes sent so far, at a time in milliseconds. */
  add(bytes: number, at: number): void
  /** Bytes a second over the last few seconds; null until there is enough to say. */
  speed(at: number): number | null
  /** Whole seconds until `total` bytes have left; null when unknown. */
  remaining(total: number, at: number): number | null
  reset(): void
}

/** A moving window instead of an average since the start: it follows a line that changes. */
export function speedMeter(windowSeconds = 8, leastSeconds = 0.8): Meter {
  let samples: Sample[] = []
  const first = () => samples[0]
  const last = () => samples[samples.length - 1]

  function trim(at: number): void {
    const oldest = at - windowSeconds * 1000
    while (samples.length > 2 && (samples[1]?.at ?? at) <= oldest) samples.shift()
  }

  function speed(at: number): number | null {
    trim(at)
    const from = first()
    const to = last()
    if (!from || !to) return null
    const seconds = (Math.max(at, to.at) - from.at) / 1000
    return seconds < leastSeconds ? null : (to.bytes - from.bytes) / seconds
  }

  return {
    add(bytes, at) {
      const previous = last()
      // A part that is sent again takes its bytes back: what was measured before no longer fits.
      if (previous && bytes < previous.bytes) samples = []
      samples.push({ at, bytes })
      trim(at)
    },
    speed,
    remaining(total, at) {
      const perSecond = speed(at)
      const sent = last()?.bytes ?? 0
      if (!perSecond || perSecond <= 0) return null
      return Math.ceil(Math.max(0, total - sent) / perSecond)
    },
    reset() {
      samples = []
    },
  }
}
