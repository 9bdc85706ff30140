import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Video } from '@/api/types'
import { updateVideo } from '@/api/videos'
import { useDetails } from './useDetails'

vi.mock('@/api/videos')

const QUIET_MS = 800
const video = { id: 'loom', title: 'Looms', description: '', tags: [] as string[], visibility: 'private' } as unknown as Video

/** A service that answers each change when it is told to. */
function service() {
  const answers: (() => void)[] = []
  vi.mocked(updateVideo).mockImplementation((_id, patch) => new Promise((done) => answers.push(() => done({ ...video, ...patch }))))
  return async () => {
    answers.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
  }
}

/** Saves a new title, and while that is on its way changes who may watch; then it is answered. */
async function changeDuringSave(answer: () => Promise<void>) {
  const scope = effectScope()
  const details = scope.run(() => useDetails(() => video, vi.fn()))
  if (!details) throw new Error('no scope')
  details.values.title = 'Looms and engines'
  details.save()
  details.values.visibility = 'public'
  await answer()
  return { state: details.state, leave: () => scope.stop() }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.resetAllMocks()
})

describe('useDetails', () => {
  it('does not say that all is saved while something was changed during the saving', async () => {
    const answer = service()
    const { state, leave } = await changeDuringSave(answer)
    expect(state.value).toBe('waiting')
    await vi.advanceTimersByTimeAsync(QUIET_MS)
    expect(vi.mocked(updateVideo).mock.calls.map(([, patch]) => patch)).toEqual([{ title: 'Looms and engines' }, { visibility: 'public' }])
    expect(state.value).toBe('saving')
    await answer()
    expect(state.value).toBe('saved')
    leave()
  })

  it('saves what waits when the page is left', async () => {
    const { leave } = await changeDuringSave(service())
    leave()
    expect(vi.mocked(updateVideo).mock.calls.at(-1)?.[1]).toEqual({ visibility: 'public' })
  })
})
