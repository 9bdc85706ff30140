/** How many were watching at a moment (milliseconds since 1970). */
export interface Sample {
  at: number
  viewers: number
}

/** As many points as a small chart can show; older ones are thinned out so that a whole evening fits in. */
const MOST = 240
/** Viewers come and go many times a second; a chart of a broadcast does not need more. */
const EVERY_MS = 2000

export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1)
  const isSoon = last !== undefined && sample.at - last.at < EVERY_MS
  // The newest number always shows, but does not become a point of its own when it comes too soon.
  const before = isSoon ? samples.slice(0, -1) : samples
  const next = isSoon && last ? { at: last.at, viewers: sample.viewers } : sample
  return thin([...before, next])
}

/** Of each two neighbours the higher one stays: a peak must not vanish. The first and the last always stay. */
function thin(samples: Sample[]): Sample[] {
  if (samples.length <= MOST) return samples
  const inner = samples.slice(1, -1)
  const kept: Sample[] = []
  for (let index = 0; index < inner.length; index += 2) {
    const [one, other] = [inner[index], inner[index + 1]]
    if (one) kept.push(other && other.viewers > one.viewers ? other : one)
  }
  return [samples[0], ...kept, samples.at(-1)].filter((sample) => sample !== undefined)
}

export interface LineChart {
  /** For the `points` of a polyline, in the units of the picture. */
  points: string
  lines: { value: number; y: number }[]
  peak: number
}

export function lineChart(samples: readonly Sample[], top: number, width: number, height: number): LineChart {
  const first = samples[0]?.at ?? 0
  const span = Math.max(1, (samples.at(-1)?.at ?? 0) - first)
  const spots = samples.map((sample) => `${round((width * (sample.at - first)) / span)},${round(height - (height * sample.viewers) / top)}`)
  // A single moment is a level line.
  const points = samples.length === 1 && samples[0] ? [spots[0], `${width},${round(height - (height * samples[0].viewers) / top)}`] : spots
  const lines = [0, top / 2, top]
    .filter((value) => Number.isInteger(value))
    .map((value) => ({ value, y: height - (height * value) / top }))
  return { points: points.join(' '), lines, peak: Math.max(0, ...samples.map((sample) => sample.viewers)) }
}

const round = (value: number) => Math.round(value * 10) / 10
