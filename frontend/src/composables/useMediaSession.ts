import { onMounted, onScopeDispose, watch } from 'vue'
import type { MediaState } from './usePlayerMedia'

const STEP_SECONDS = 10

export interface MediaSessionInput {
  state: MediaState
  /** How fast it plays; 1 is as recorded. */
  rate: () => number
  /** What the lock screen shows. */
  about: () => { title: string; artist: string; poster: string | null }
  play(): void
  pause(): void
  seek(seconds: number): void
  /** Goes to the next video; null without one. */
  next: () => (() => void) | null
}

/** Lock screen, headset and media keys. Browsers that lack it, or one of its actions, go without. */
export function useMediaSession({ state, rate, about, play, pause, seek, next }: MediaSessionInput): void {
  if (!('mediaSession' in navigator)) return
  const session = navigator.mediaSession
  const used = new Set<MediaSessionAction>()

  function on(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
    try {
      session.setActionHandler(action, handler)
      used.add(action)
    } catch {
      // Not known to this browser.
    }
  }
  onMounted(() => {
    on('play', play)
    on('pause', pause)
    on('seekbackward', ({ seekOffset }) => seek(state.time - (seekOffset ?? STEP_SECONDS)))
    on('seekforward', ({ seekOffset }) => seek(state.time + (seekOffset ?? STEP_SECONDS)))
    on('seekto', ({ seekTime }) => seekTime !== undefined && seek(seekTime))
  })
  watch(next, (go) => on('nexttrack', go), { immediate: true })
  watch(
    about,
    ({ title, artist, poster }) => {
      const artwork = poster ? [{ src: new URL(poster, location.href).href }] : []
      session.metadata = new MediaMetadata({ title, artist, artwork })
    },
    { immediate: true },
  )
  watch(
    () => (state.hasStarted ? (state.isPaused ? 'paused' : 'playing') : 'none'),
    (playing) => (session.playbackState = playing),
  )
  // The system runs its own clock between these: seconds that pass need not be told.
  watch(
    () => [state.duration, state.isPaused, state.isSeeking, rate()],
    () => {
      const { duration, time } = state
      if (duration > 0) session.setPositionState({ duration, playbackRate: rate(), position: Math.min(time, duration) })
    },
  )
  onScopeDispose(() => {
    for (const action of used) session.setActionHandler(action, null)
    session.metadata = null
    session.playbackState = 'none'
  })
}
