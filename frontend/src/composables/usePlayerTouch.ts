import { onBeforeUnmount, ref } from 'vue'
import { tapSide, type Side } from '@/lib/player/taps'

const DOUBLE_MS = 300
const STEP_SECONDS = 10

interface TouchTarget {
  toggleControls(): void
  seekBy(seconds: number): void
}

/** One tap shows or hides the controls; two or more at a side jump ten seconds each. */
export function usePlayerTouch(target: TouchTarget) {
  const ripple = ref<{ side: Side; seconds: number } | null>(null)
  let last: { at: number; side: Side } | null = null
  let single: ReturnType<typeof setTimeout> | undefined
  let fade: ReturnType<typeof setTimeout> | undefined

  function tap(event: PointerEvent): void {
    if (!(event.currentTarget instanceof Element)) return
    const box = event.currentTarget.getBoundingClientRect()
    const side = tapSide(event.clientX - box.left, box.width)
    const isDouble = last !== null && event.timeStamp - last.at < DOUBLE_MS && last.side === side && side !== 'middle'
    last = { at: event.timeStamp, side }
    clearTimeout(single)
    if (isDouble || (ripple.value && ripple.value.side === side)) jump(side)
    else single = setTimeout(target.toggleControls, DOUBLE_MS)
  }
  function jump(side: Side): void {
    const step = side === 'left' ? -STEP_SECONDS : STEP_SECONDS
    target.seekBy(step)
    ripple.value = { side, seconds: Math.abs(ripple.value?.side === side ? ripple.value.seconds : 0) + STEP_SECONDS }
    clearTimeout(fade)
    fade = setTimeout(() => (ripple.value = null), 700)
  }
  onBeforeUnmount(() => {
    clearTimeout(single)
    clearTimeout(fade)
  })
  return { ripple, tap }
}
