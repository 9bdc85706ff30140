import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TokenSource } from './http'

const LIST = '/api/videos?limit=24&sort=newest'

/** A page as the service sends it, with fresh modules; the service itself answers 'asked'. */
async function open(way: string, token: string | null = null) {
  vi.resetModules()
  const script = Object.assign(document.createElement('script'), { id: 'first', type: 'application/json' })
  script.dataset.date = 'Tue, 01 Dec 2026 10:00:00 GMT'
  script.textContent = JSON.stringify({ [LIST]: 'brought' })
  document.body.replaceChildren(script)
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ type: way, requestStart: 1, responseStart: 2 } as PerformanceNavigationTiming])
  const { get, http, useTokens } = await import('./http')
  const { forgetFirst } = await import('./first')
  http.defaults.adapter = (config: InternalAxiosRequestConfig) =>
    Promise.resolve({ config, status: 200, statusText: '', data: 'asked', headers: new AxiosHeaders() })
  const never = () => Promise.resolve(null)
  useTokens({ token: () => Promise.resolve(token), refresh: never, ended: () => undefined } satisfies TokenSource)
  const ask = (params: Record<string, unknown>, signal?: AbortSignal) => get<string>('/api/videos', { params, signal })
  return { ask, forgetFirst }
}

const newest = { sort: 'newest', limit: 24 }
beforeEach(() => vi.restoreAllMocks())

describe('what the shell brought along', () => {
  it('answers a guest once, whatever the order of the parameters', async () => {
    const { ask } = await open('navigate')
    expect([await ask(newest), await ask(newest)]).toEqual(['brought', 'asked'])
  })

  it('answers nothing else', async () => {
    const { ask } = await open('reload')
    expect([await ask({ ...newest, cursor: 'x' }), await ask({ sort: 'newest' }), await ask(newest)]).toEqual(['asked', 'asked', 'brought'])
  })

  it('is not for who is signed in', async () => {
    expect(await (await open('navigate', 'token')).ask(newest)).toBe('asked')
  })

  it('is not for a page that the browser kept, nor for one that is shown later', async () => {
    expect(await (await open('back_forward')).ask(newest)).toBe('asked')
    const later = await open('navigate')
    later.forgetFirst()
    expect(await later.ask(newest)).toBe('asked')
  })

  it('stays for the next question when one was taken back', async () => {
    const { ask } = await open('navigate')
    const taken = new AbortController()
    taken.abort()
    await ask(newest, taken.signal).catch(() => undefined)
    expect(await ask(newest)).toBe('brought')
  })
})
