import { onBeforeUnmount, onMounted, watch } from 'vue'
import { listen } from '@/lib/listen'
import { positionToSave } from '@/lib/player/resume'
import { watchedMeter } from '@/lib/player/watched'
import { usePlayerChoice } from '@/stores/playerChoice'
import type { MediaState } from './usePlayerMedia'

const VIEW_SECONDS = 3
const SAVE_SECONDS = 10

export interface WatchListener {
  /** Three seconds have really been played. */
  viewed(): void
  /** Where to start next time; `isLeaving` when the page goes away and an ordinary request would be cut off. */
  position(seconds: number, isLeaving: boolean): void
}

/** Counts the view and keeps the place. */
export function usePlayerWatch(state: MediaState, listener: WatchListener): void {
  const choice = usePlayerChoice()
  const meter = watchedMeter()
  let isViewed = false
  let savedAt = 0
  let saved = -1

  watch(
    () => state.time,
    (time) => {
      if (state.isPaused || state.isSeeking) return meter.cut()
      const seconds = meter.tick(time, choice.rate)
      if (!isViewed && seconds >= Math.min(VIEW_SECONDS, (state.duration || VIEW_SECONDS) * 0.8)) {
        isViewed = true
        listener.viewed()
      }
      if (performance.now() - savedAt >= SAVE_SECONDS * 1000) save(false)
    },
  )
  watch(
    () => state.isPaused || state.isEnded,
    (isStill) => isStill && save(false),
  )

  function save(isLeaving: boolean): void {
    if (!state.hasStarted || state.time === 0) return
    const position = positionToSave(state.time, state.duration || null)
    if (position === saved) return
    saved = position
    savedAt = performance.now()
    listener.position(position, isLeaving)
  }

  let off = () => {}
  onMounted(() => {
    off = listen(window, { pagehide: () => save(true) })
  })
  onBeforeUnmount(() => {
    off()
    save(false)
  })
}
