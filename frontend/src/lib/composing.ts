/**
 * Whether a key belongs to an input method that is composing (한글, 注音, かな): its Enter takes a syllable and its Escape
 * drops one, and neither is meant for the page. WebKit sends the last key after the composition, with the code 229.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}

/** A handler of keys that leaves those of an input method alone. */
export function onKey(key: string, run: (event: KeyboardEvent) => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key === key && !isComposing(event)) run(event)
  }
}

/** Dialogs and lists that are not ours close on Escape too: they do not hear one that an input method needs. */
export function keepFromOthers(event: KeyboardEvent): void {
  if (event.key === 'Escape' && isComposing(event)) event.stopImmediatePropagation()
}
