import { onBeforeUnmount, onMounted } from 'vue'
import { isComposing } from '@/lib/composing'
import { actionFor, type PlayerAction } from '@/lib/player/keys'
import { listen } from '@/lib/listen'

const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])'
const BUTTON = 'button, a[href], summary, [role="button"], [role="menuitem"], [role="menuitemradio"], [role="tab"]'
const SLIDER = '[role="slider"], [role="menu"] *, [role="listbox"] *, [role="radiogroup"] *'

/** Shortcuts work from anywhere on the page, except while something is typed or a dialog is open over the page. */
export function usePlayerKeys(act: (action: PlayerAction) => void, isOurs: (target: Element) => boolean): void {
  function press(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : document.body
    if (event.defaultPrevented || isComposing(event) || isBehindDialog(target, isOurs)) return
    const action = actionFor({
      key: event.key,
      ctrlKey: event.ctrlKey,
      metaKey: event.metaKey,
      altKey: event.altKey,
      isTyping: target.closest(TYPING) !== null,
      isButton: target.closest(BUTTON) !== null,
      isSlider: target.closest(SLIDER) !== null,
    })
    if (!action) return
    // Arrow keys outside the player scroll the page.
    const scrolls = action.do === 'volumeBy' || event.key === 'Home' || event.key === 'End'
    if (scrolls && !isOurs(target)) return
    event.preventDefault()
    act(action)
  }
  let off = () => {}
  onMounted(() => {
    off = listen(window, { keydown: (event) => press(event as KeyboardEvent) })
  })
  onBeforeUnmount(() => off())
}

function isBehindDialog(target: Element, isOurs: (target: Element) => boolean): boolean {
  if (isOurs(target)) return false
  return target.closest('[role="dialog"]') !== null
}
