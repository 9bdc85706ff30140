import { computed, onBeforeUnmount, ref } from 'vue'
import type { MediaState } from './usePlayerMedia'

const IDLE_SECONDS = 2.8

/** The control bar leaves while the picture plays and nobody touches anything. */
export function usePlayerIdle(state: MediaState) {
  const isAwake = ref(true)
  const holds = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined

  function wake(): void {
    isAwake.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (isAwake.value = false), IDLE_SECONDS * 1000)
  }
  function sleep(): void {
    clearTimeout(timer)
    isAwake.value = false
  }
  onBeforeUnmount(() => clearTimeout(timer))
  return {
    isShown: computed(() => state.isPaused || state.isEnded || isAwake.value || holds.value > 0),
    wake,
    sleep,
    /** An open menu or a dragged bar keeps the controls. */
    hold: () => holds.value++,
    release: () => {
      holds.value = Math.max(0, holds.value - 1)
      wake()
    },
  }
}
