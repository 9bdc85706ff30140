import { computed, onScopeDispose, ref, watch } from 'vue'

export const NEXT_UP_SECONDS = 8

/**
 * Counts down at the end of a video and then goes on, also in a hidden tab, where people listen.
 * Seeking back, playing again and `cancel` end the count; the next end begins another.
 */
export function useNextUp(canGoOn: () => boolean, isEnded: () => boolean, go: () => void) {
  const left = ref(0)
  const isRefused = ref(false)
  const isShown = computed(() => left.value > 0)
  let timer: ReturnType<typeof setInterval> | undefined

  function stop(): void {
    clearInterval(timer)
    left.value = 0
  }
  function cancel(): void {
    stop()
    isRefused.value = true
  }
  function now(): void {
    stop()
    go()
  }
  watch(isEnded, () => (isRefused.value = false), { flush: 'sync' })
  watch(
    () => isEnded() && canGoOn() && !isRefused.value,
    (isDue) => {
      stop()
      if (!isDue) return
      left.value = NEXT_UP_SECONDS
      timer = setInterval(() => (left.value > 1 ? left.value-- : now()), 1000)
    },
  )
  onScopeDispose(stop)
  return { left, isShown, cancel, now }
}
