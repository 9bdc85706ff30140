import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refresh } from '@/api/auth'
import { ApiError } from '@/api/problem'
import type { Session } from '@/api/types'
import { useSession } from './session'

const kept = vi.hoisted(() => new Map<string, string>())
vi.mock('@/api/auth')
vi.mock('@/lib/storage', () => ({
  readItem: (key: string) => kept.get(key) ?? null,
  writeItem: (key: string, value: string | null) => (value === null ? kept.delete(key) : kept.set(key, value)),
}))
const ada = { access_token: 'token', expires_in: 900, user: { id: 7, username: 'ada' } } as Session
const broken = () => Promise.reject(new ApiError(502, 'unavailable', ''))

beforeEach(() => {
  vi.useFakeTimers()
  // No other tabs here, and so no locks between them.
  vi.stubGlobal('navigator', {})
  setActivePinia(createPinia())
  kept.set('trunkline.signed-in', '7')
  vi.mocked(refresh).mockReset()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('useSession', () => {
  it('takes one broken answer for what it is', async () => {
    vi.mocked(refresh).mockImplementationOnce(broken).mockResolvedValue(ada)
    const session = useSession()
    const restored = session.restore()
    await vi.advanceTimersByTimeAsync(1_000)
    await restored
    expect(session.user?.username).toBe('ada')
    expect(session.returns).toBe(0)
  })

  it('keeps somebody whose service is away, and has them back when it answers', async () => {
    vi.mocked(refresh).mockImplementation(broken)
    const session = useSession()
    const restored = session.restore()
    await vi.advanceTimersByTimeAsync(1_000)
    await restored
    expect([session.isAway, session.isSignedIn]).toEqual([true, false])
    expect(kept.get('trunkline.signed-in')).toBe('7')
    vi.mocked(refresh).mockResolvedValue(ada)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([session.isAway, session.isSignedIn, session.returns]).toEqual([false, true, 1])
  })

  it('asks again at once when the browser is online again', async () => {
    vi.mocked(refresh).mockImplementation(broken)
    const session = useSession()
    void session.restore()
    await vi.advanceTimersByTimeAsync(1_000)
    vi.mocked(refresh).mockResolvedValue(ada)
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)
    expect(session.isSignedIn).toBe(true)
  })

  it('lets go of somebody whose session is over', async () => {
    vi.mocked(refresh).mockImplementationOnce(broken).mockImplementationOnce(broken)
    vi.mocked(refresh).mockRejectedValue(new ApiError(401, 'not_signed_in', ''))
    const session = useSession()
    void session.restore()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([session.isAway, session.isSignedIn]).toEqual([false, false])
    expect(kept.has('trunkline.signed-in')).toBe(false)
  })
})
