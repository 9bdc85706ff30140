import { onScopeDispose } from 'vue'

const PRESS_MS = 450

/** A finger that stays: listeners for `v-on`. Moving away or scrolling is none. */
export function useLongPress(onPress: (element: HTMLElement) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)

  function start(event: PointerEvent): void {
    stop()
    if (event.pointerType !== 'touch') return
    const element = event.currentTarget as HTMLElement
    timer = setTimeout(() => {
      navigator.vibrate?.(10)
      onPress(element)
    }, PRESS_MS)
  }
  onScopeDispose(stop)
  return { pointerdown: start, pointerup: stop, pointercancel: stop, pointermove: moved, contextmenu: quiet }

  function moved(event: PointerEvent): void {
    if (Math.abs(event.movementX) + Math.abs(event.movementY) > 4) stop()
  }
  /** The browser's own menu would open over ours. With a mouse it is wanted. */
  function quiet(event: Event): void {
    if ((event as PointerEvent).pointerType === 'touch') event.preventDefault()
  }
}
