import { createApp, defineComponent, h, KeepAlive, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { usePolling } from './usePolling'

const EVERY = 1000
let run = vi.fn(() => Promise.resolve())

const Page = defineComponent(() => {
  usePolling(run, EVERY)
  return () => h('p')
})

/** The page inside a frame that keeps it alive, as the router does. */
function show() {
  const isShown = ref(true)
  const app = createApp(defineComponent(() => () => h(KeepAlive, null, () => (isShown.value ? h(Page) : null))))
  app.mount(document.createElement('div'))
  return { isShown, app }
}

function see(state: 'visible' | 'hidden'): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.useFakeTimers()
  run = vi.fn(() => Promise.resolve())
  see('visible')
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('usePolling', () => {
  it('runs again and again, and not any more when the page is gone', async () => {
    const { app } = show()
    await vi.advanceTimersByTimeAsync(3 * EVERY)
    expect(run).toHaveBeenCalledTimes(3)
    app.unmount()
    await vi.advanceTimersByTimeAsync(3 * EVERY)
    expect(run).toHaveBeenCalledTimes(3)
  })

  it('waits for an answer before it asks again', async () => {
    let answer: () => void = () => undefined
    run = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
    const { app } = show()
    await vi.advanceTimersByTimeAsync(5 * EVERY)
    expect(run).toHaveBeenCalledTimes(1)
    answer()
    await vi.advanceTimersByTimeAsync(EVERY)
    expect(run).toHaveBeenCalledTimes(2)
    app.unmount()
  })

  it('rests while nobody looks, and runs at once when somebody does', async () => {
    const { app } = show()
    see('hidden')
    await vi.advanceTimersByTimeAsync(5 * EVERY)
    expect(run).not.toHaveBeenCalled()
    see('visible')
    expect(run).toHaveBeenCalledTimes(1)
    app.unmount()
  })

  it('rests while the page is kept out of sight', async () => {
    const { app, isShown } = show()
    isShown.value = false
    await nextTick()
    await vi.advanceTimersByTimeAsync(3 * EVERY)
    expect(run).not.toHaveBeenCalled()
    isShown.value = true
    await nextTick()
    await vi.advanceTimersByTimeAsync(EVERY)
    expect(run).toHaveBeenCalledTimes(1)
    app.unmount()
  })
})
