/** Seconds of the video. */
export interface Span {
  start: number
  end: number
}

// What of a segment may be missing at its edges without being a hole.
const EDGE = 0.1

/**
 * Where to go on when playing stands still at a place that was loaded: a track is missing there, and waiting brings
 * nothing. To the next place that can be played, at most to the segment's end; null where the rest is still to come.
 */
export function wayOut(at: number, loaded: readonly Span[], playable: readonly Span[]): number | null {
  const here = loaded.find((span) => at > span.start - EDGE && at < span.end - EDGE)
  if (!here) return null
  const next = playable.map((span) => span.start).filter((start) => start > at)
  return Math.min(here.end, ...next)
}

export function spansOf(ranges: TimeRanges): Span[] {
  return Array.from({ length: ranges.length }, (_, index) => ({ start: ranges.start(index), end: ranges.end(index) }))
}
