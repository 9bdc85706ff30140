import { computed, onScopeDispose, ref, watch } from 'vue'

export const NEXT_UP_SECONDS = 8

/**
 * Counts down at the end of a video and then goes on, also in a hidden tab, where people listen.
 * Seeking back, playing again and `cancel` end the count; the next end begins another.
 */
export function useNextUp(canGoOn: () => boolean, isEnded: () => boolean, go: () => void) {
  const left = ref(0)
  const isShown = computed(() => left.value > 0)
  let timer: ReturnType<typeof setInterval> | undefined

  function cancel(): void {
    clearInterval(timer)
    left.value = 0
  }
  function now(): void {
    cancel()
    go()
  }
  watch(
    () => isEnded() && canGoOn(),
    (isDue) => {
      cancel()
      if (!isDue) return
      left.value = NEXT_UP_SECONDS
      timer = setInterval(() => (left.value > 1 ? left.value-- : now()), 1000)
    },
  )
  onScopeDispose(cancel)
  return { left, isShown, cancel, now }
}
