type Listeners = Record<string, (event: Event) => void>

/** Listens to several events at once; gives the function that stops it. */
export function listen(target: EventTarget, listeners: Listeners, options?: AddEventListenerOptions): () => void {
  for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener, options)
  return () => {
    for (const [name, listener] of Object.entries(listeners)) target.removeEventListener(name, listener, options)
  }
}
