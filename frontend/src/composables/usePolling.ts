import { onActivated, onBeforeUnmount, onDeactivated, onMounted } from 'vue'

/** Runs again and again while the component is on the page and the page is in sight; at once when it comes back. */
export function usePolling(run: () => Promise<void>, everyMs: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOn = false

  function plan(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void tick(), everyMs)
  }
  async function tick(): Promise<void> {
    if (document.visibilityState === 'visible') await run()
    if (isOn) plan()
  }
  function comeBack(): void {
    if (document.visibilityState === 'visible' && isOn) void tick()
  }
  function begin(): void {
    if (isOn) return
    isOn = true
    document.addEventListener('visibilitychange', comeBack)
    plan()
  }
  function end(): void {
    isOn = false
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', comeBack)
  }
  onMounted(begin)
  onActivated(begin)
  onDeactivated(end)
  onBeforeUnmount(end)
}
