import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { isCancelled } from '@/api/problem'
import type { Quality, QualityStatus, Video, VideoStatus } from '@/api/types'
import { getVideo, retryVideo } from '@/api/videos'
import { goesBack, looksOtherwise, mergeProgress, type ProcessingEvent } from '@/lib/video/progress'
import { useUserEvent } from './useUserEvent'

const BLANK = { width: null, height: null, bitrate: null }
/** Viewers get no events about other people's videos, so they look again now and then. */
const LOOK_AGAIN_MS = 15_000

/** One video, kept up to date: the owner's by events, that of others by looking again until it is ready. */
export function useVideo(id: () => string | null) {
  const video = shallowRef<Video | null>(null)
  const error = shallowRef<unknown>(null)
  const isLoading = ref(false)
  /** Grows when something better to play has appeared. */
  const version = ref(0)
  let asking: AbortController | null = null
  /** An answer may be older than an event that came while it was on its way: the newest one is put on top again. */
  let latest: ProcessingEvent | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    const wanted = id()
    asking?.abort()
    clearTimeout(timer)
    if (wanted === null) return
    const mine = (asking = new AbortController())
    isLoading.value = true
    try {
      const found = await getVideo(wanted, mine.signal)
      if (asking !== mine) return
      take(found)
      error.value = null
      if (!found.is_owner && isAtWork(found)) timer = setTimeout(() => void load(), LOOK_AGAIN_MS)
    } catch (cause) {
      if (asking === mine && !isCancelled(cause)) error.value = cause
    } finally {
      if (asking === mine) isLoading.value = false
    }
  }

  function take(answer: Video): void {
    show(latest?.video_id === answer.id ? applied(answer, latest) : answer)
  }

  function show(next: Video): void {
    const before = video.value
    video.value = next
    if (before?.id === next.id && before.is_playable && next.status === 'ready' && before.status !== 'ready')
      version.value++
  }

  function heard(event: ProcessingEvent): void {
    if (event.video_id !== id()) return
    latest = event
    const now = video.value
    if (!now) return
    if (goesBack(now, event)) return void load()
    const next = applied(now, event)
    show(next)
    // The picture, the length and the poster are not in the event.
    if ((next.is_playable && !now.is_playable) || next.status === 'ready' || looksOtherwise(next, event)) void load()
  }

  /** Throws what the service answers. */
  async function retry(): Promise<void> {
    latest = null
    if (video.value) take(await retryVideo(video.value.id))
  }

  watch(
    id,
    () => {
      video.value = null
      latest = null
      error.value = null
      void load()
    },
    { immediate: true },
  )
  useUserEvent('video:progress', heard)
  useUserEvent('video:ready', heard)
  useUserEvent('video:failed', heard)
  useUserEvent('reload', () => void load())
  onScopeDispose(() => {
    asking?.abort()
    clearTimeout(timer)
  })
  return { video, error, isLoading, version, load, take, retry }
}

export function isAtWork(video: { status: string }): boolean {
  return video.status !== 'ready' && video.status !== 'failed'
}

function applied(video: Video, event: ProcessingEvent): Video {
  const merged = mergeProgress(video, event)
  if (merged === video) return video
  return {
    ...video,
    ...merged,
    status: merged.status as VideoStatus,
    qualities: qualitiesOf(video, merged.qualities),
  }
}

function qualitiesOf(video: Video, rows: readonly { label: string; progress: number; status: string }[]): Quality[] {
  return rows.map((row) => ({
    ...BLANK,
    ...video.qualities.find((known) => known.label === row.label),
    ...row,
    status: row.status as QualityStatus,
  }))
}
