import { ref, shallowRef } from 'vue'

/** A short list that comes whole, with one thing at a time done to it. */
export function useNamed<T>(load: () => Promise<{ items: T[] }>) {
  const items = shallowRef<T[] | null>(null)
  const error = shallowRef<unknown>(null)
  const isBusy = ref(false)

  let asked = 0

  /** Of several at once, the last one asked for is shown. */
  async function reload(): Promise<void> {
    const mine = ++asked
    try {
      const found = (await load()).items
      if (mine !== asked) return
      items.value = found
      error.value = null
    } catch (cause) {
      if (mine === asked) error.value = cause
    }
  }
  /** Throws what the service says. */
  async function act(run: () => Promise<unknown>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    try {
      await run()
      await reload()
    } finally {
      isBusy.value = false
    }
  }
  void reload()
  return { items, error, isBusy, reload, act }
}
