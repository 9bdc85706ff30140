import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { listen } from '@/lib/listen'
import { stallReason, type StallReason } from '@/lib/player/stall'
import type { MediaState } from './usePlayerMedia'

/** True after a moment of standing still, with the reason once one can be given. */
export function usePlayerStall(state: MediaState, stumbles: Ref<number>) {
  const isStalled = ref(false)
  const reason = ref<StallReason | null>(null)
  let since = 0
  let before = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    const seconds = (performance.now() - since) / 1000
    isStalled.value = seconds > 0.3
    reason.value = stallReason({
      isOnline: navigator.onLine,
      seconds,
      hasStarted: state.hasStarted,
      failures: stumbles.value - before,
    })
  }
  function stop(): void {
    clearInterval(timer)
    timer = undefined
    isStalled.value = false
    reason.value = null
  }
  watch(
    () => !state.isEnded && (state.isWaiting || state.isSeeking),
    (isStill) => {
      if (!isStill) return stop()
      since = performance.now()
      before = stumbles.value
      timer ??= setInterval(look, 350)
    },
  )
  const off = listen(window, { offline: look, online: look })
  onBeforeUnmount(() => {
    stop()
    off()
  })
  return { isStalled, reason }
}
