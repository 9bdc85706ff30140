import { ref, shallowRef } from 'vue'

/** A short list that comes whole, with one thing at a time done to it. */
export function useNamed<T>(load: () => Promise<{ items: T[] }>) {
  const items = shallowRef<T[] | null>(null)
  const error = shallowRef<unknown>(null)
  const isBusy = ref(false)

  async function reload(): Promise<void> {
    try {
      items.value = (await load()).items
      error.value = null
    } catch (cause) {
      error.value = cause
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
