import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref } from 'vue'
import { toServiceTime } from '@/lib/serviceClock'

/** The time, ticking once a second; one clock for all who look at it. */
const now = ref(Date.now())
let lookers = 0
let timer: ReturnType<typeof setInterval> | undefined

export function useNow(): Readonly<Ref<number>> {
  onMounted(() => {
    now.value = Date.now()
    if (lookers++ === 0) timer = setInterval(() => (now.value = Date.now()), 1000)
  })
  onBeforeUnmount(() => {
    if (--lookers === 0) clearInterval(timer)
  })
  return now
}

/** The same by the service's clock: for what it has planned. */
export function useServiceNow(): ComputedRef<number> {
  const browser = useNow()
  return computed(() => toServiceTime(browser.value))
}
