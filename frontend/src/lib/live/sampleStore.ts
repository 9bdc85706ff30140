import type { Sample } from './samples'

/** For as long as the tab lives: the curve of a broadcast survives a reload of the page. */
const keyOf = (liveId: string) => `trunkline.viewers.${liveId}`

export function keepSamples(liveId: string, samples: readonly Sample[]): void {
  try {
    sessionStorage.setItem(keyOf(liveId), JSON.stringify(samples.map((sample) => [sample.at, sample.viewers])))
  } catch {
    // Full or switched off: then it begins anew.
  }
}

export function recallSamples(liveId: string): Sample[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(liveId)) ?? '[]')
    return Array.isArray(kept) ? kept.flatMap(readSample) : []
  } catch {
    return []
  }
}

function readSample(pair: unknown): Sample[] {
  if (!Array.isArray(pair)) return []
  const [at, viewers] = pair as unknown[]
  return typeof at === 'number' && typeof viewers === 'number' ? [{ at, viewers }] : []
}
