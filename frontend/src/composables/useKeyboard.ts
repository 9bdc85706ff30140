import { onScopeDispose, ref } from 'vue'
import { listen } from '@/lib/listen'

/** Less than this is a bar of the browser that comes and goes. */
const BAR_PIXELS = 120

/** How many pixels of the page lie under the keyboard of a phone. */
export function useKeyboard() {
  const height = ref(0)
  const view = window.visualViewport
  function measure(): void {
    const hidden = view && view.scale === 1 ? window.innerHeight - view.height : 0
    height.value = hidden > BAR_PIXELS ? Math.round(hidden) : 0
    // Browsers push the page up to show the field; ours makes room for it instead.
    if (height.value > 0) window.scrollTo(0, 0)
  }
  if (view) onScopeDispose(listen(view, { resize: measure }))
  return height
}
