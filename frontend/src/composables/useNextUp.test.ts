import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pickNext } from '@/lib/player/nextUp'
import { NEXT_UP_SECONDS, useNextUp } from './useNextUp'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function ended(mayGoOn = true) {
  const isOn = ref(mayGoOn)
  const isEnded = ref(false)
  const go = vi.fn()
  const scope = effectScope()
  const nextUp = scope.run(() => useNextUp(() => isOn.value, () => isEnded.value, go))
  if (!nextUp) throw new Error('no scope')
  const end = async (value: boolean) => {
    isEnded.value = value
    await nextTick()
  }
  return { nextUp, isOn, go, end, leave: () => scope.stop() }
}

describe('useNextUp', () => {
  it('counts down and goes on once', async () => {
    const { nextUp, go, end } = ended()
    await end(true)
    expect(nextUp.left.value).toBe(NEXT_UP_SECONDS)
    vi.advanceTimersByTime(NEXT_UP_SECONDS * 1000 - 1)
    expect(go).not.toHaveBeenCalled()
    vi.advanceTimersByTime(60_000)
    expect(go).toHaveBeenCalledOnce()
    expect(nextUp.isShown.value).toBe(false)
  })

  it.each(['cancel', 'replay', 'leave'])('does not go on after %s', async (way) => {
    const { nextUp, go, end, leave } = ended()
    await end(true)
    if (way === 'cancel') nextUp.cancel()
    else if (way === 'leave') leave()
    else await end(false)
    vi.advanceTimersByTime(60_000)
    expect(go).not.toHaveBeenCalled()
    expect(nextUp.isShown.value).toBe(false)
  })

  it('does not ask again, until the next end, after a form was open meanwhile', async () => {
    const { nextUp, isOn, end } = ended()
    await end(true)
    nextUp.cancel()
    for (const value of [false, true]) {
      isOn.value = value
      await nextTick()
    }
    expect(nextUp.isShown.value).toBe(false)
    await end(false)
    await end(true)
    expect(nextUp.isShown.value).toBe(true)
  })

  it('stays still where it may not go on', async () => {
    const { nextUp, go, end } = ended(false)
    await end(true)
    vi.advanceTimersByTime(60_000)
    expect(nextUp.isShown.value).toBe(false)
    expect(go).not.toHaveBeenCalled()
  })
})

describe('pickNext', () => {
  const videos = [{ id: 'a' }, { id: 'b' }]
  it('passes over what was watched lately', () => {
    expect(pickNext(videos, ['a'])).toEqual({ id: 'b' })
    expect(pickNext(videos, ['b', 'a'])).toBeNull()
    expect(pickNext([], [])).toBeNull()
  })
})
