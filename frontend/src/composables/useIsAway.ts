import { onScopeDispose, ref, watch } from 'vue'
import { useEvents } from '@/stores/events'

/** A blink of the connection is nobody's business. */
const PATIENCE_MS = 1500

/** The connection is gone, and has been for more than a blink. */
export function useIsAway() {
  const events = useEvents()
  const isAway = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => events.state === 'open',
    (isOpen) => {
      clearTimeout(timer)
      if (isOpen) isAway.value = false
      else timer = setTimeout(() => (isAway.value = true), PATIENCE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return isAway
}
