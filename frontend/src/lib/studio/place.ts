import { goesBack, looksOtherwise, mergeProgress, type ProcessingEvent } from '@/lib/video/progress'

interface Shown {
  id: string
  status: string
  progress: number
  is_playable: boolean
  reason: string | null
  visibility: string
  poster_url: string | null
  qualities: readonly { label: string; progress: number; status: string }[]
}

export type Verdict = 'unknown' | 'ask-again' | 'merged'

/** Brings an event into the list of my videos; says when only the service can tell how things stand. */
export function placeEvent<T extends Shown>(videos: T[], event: ProcessingEvent): Verdict {
  const index = videos.findIndex((video) => video.id === event.video_id)
  const video = videos[index]
  if (!video) return 'unknown'
  if (goesBack(video, event)) return 'ask-again'
  const merged = mergeProgress(video, event)
  videos[index] = { ...video, ...merged, qualities: keepSizes(video.qualities, merged.qualities) }
  // Picture and length come with the last event's work, and are not part of it.
  return (event.status === 'ready' && video.status !== 'ready') || looksOtherwise(video, event) ? 'ask-again' : 'merged'
}

/** Events name the qualities without their sizes. */
function keepSizes<Q extends { label: string }>(old: readonly Q[], next: readonly { label: string }[]): Q[] {
  return next.map((quality) => ({ ...old.find((known) => known.label === quality.label), ...quality }) as Q)
}
