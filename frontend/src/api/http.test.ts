import { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { get, http, post, useTokens, type TokenSource } from './http'
import { ApiError } from './problem'

/** A service that knows one token, and a session that can renew it. */
function service(valid: string) {
  const seen: string[] = []
  http.defaults.adapter = async (config: InternalAxiosRequestConfig) => {
    const sent = String(config.headers.get('Authorization') ?? 'none')
    seen.push(`${config.url} ${sent}`)
    if (config.url === '/public' || sent === `Bearer ${valid}`) return answer(config, 200, { url: config.url })
    throw refuse(config, 401, { error: 'not_signed_in', message: 'Sign in first.', request_id: 'r1' })
  }
  return seen
}

function answer(config: InternalAxiosRequestConfig, status: number, data: unknown): AxiosResponse {
  return { config, status, statusText: '', data, headers: new AxiosHeaders({ 'retry-after': '7' }) }
}

function refuse(config: InternalAxiosRequestConfig, status: number, data: unknown): AxiosError {
  return new AxiosError('refused', 'ERR_BAD_REQUEST', config, {}, answer(config, status, data))
}

function tokens(first: string | null, refresh: () => Promise<string | null>) {
  let present = first
  const source = {
    token: () => Promise.resolve(present),
    refresh: vi.fn(async () => (present = await refresh())),
    ended: vi.fn(),
  } satisfies TokenSource
  useTokens(source)
  return source
}

beforeEach(() => {
  useTokens({ token: () => Promise.resolve(null), refresh: () => Promise.resolve(null), ended: () => undefined })
})

describe('a token that has run out', () => {
  it('is renewed once for all requests that wait, and none is lost', async () => {
    service('new')
    const source = tokens('old', () => new Promise((resolve) => setTimeout(() => resolve('new'), 5)))
    const all = await Promise.all(['/a', '/b', '/c'].map((url) => get<{ url: string }>(url)))
    expect(all.map((one) => one.url)).toEqual(['/a', '/b', '/c'])
    expect(source.refresh).toHaveBeenCalledTimes(1)
    expect(source.ended).not.toHaveBeenCalled()
  })

  it('keeps the body of what is sent again', async () => {
    const bodies: unknown[] = []
    service('new')
    const inner = http.defaults.adapter as (config: InternalAxiosRequestConfig) => Promise<AxiosResponse>
    http.defaults.adapter = (config: InternalAxiosRequestConfig) => {
      bodies.push(config.data)
      return inner(config)
    }
    tokens('old', () => Promise.resolve('new'))
    await post('/a', { title: 'x' })
    expect(bodies).toEqual(['{"title":"x"}', '{"title":"x"}'])
  })

  it('is not renewed again when another request has done so meanwhile', async () => {
    service('new')
    let calls = 0
    const refresh = vi.fn(() => Promise.resolve('newer'))
    useTokens({ token: () => Promise.resolve(calls++ === 0 ? 'old' : 'new'), refresh, ended: () => undefined })
    await get('/a')
    expect(refresh).not.toHaveBeenCalled()
  })

  it('ends the session when it cannot be renewed; everyone who waits is told', async () => {
    service('new')
    const source = tokens('old', () => Promise.resolve(null))
    const all = await Promise.allSettled(['/a', '/b'].map((url) => get(url)))
    expect(all.map((one) => one.status === 'rejected' && (one.reason as ApiError).code)).toEqual([
      'not_signed_in',
      'not_signed_in',
    ])
    expect(source.refresh).toHaveBeenCalledTimes(1)
    expect(source.ended).toHaveBeenCalledTimes(1)
  })

  it('keeps the session when the service cannot be reached', async () => {
    service('new')
    const source = tokens('old', () => Promise.reject(new ApiError(0, 'network', 'away')))
    await expect(get('/a')).rejects.toMatchObject({ code: 'network' })
    expect(source.ended).not.toHaveBeenCalled()
  })

  it('is tried once only', async () => {
    const seen = service('never')
    tokens('old', () => Promise.resolve('new'))
    await expect(get('/a')).rejects.toMatchObject({ status: 401 })
    expect(seen).toEqual(['/a Bearer old', '/a Bearer new'])
  })
})

describe('guests', () => {
  it('are refused without a renewal', async () => {
    service('new')
    const source = tokens(null, () => Promise.resolve('new'))
    await expect(get('/a')).rejects.toBeInstanceOf(ApiError)
    expect(source.refresh).not.toHaveBeenCalled()
  })

  it('sign in without a token', async () => {
    const seen = service('new')
    tokens('old', () => Promise.resolve('new'))
    await expect(post('/login', {}, { isAnonymous: true })).rejects.toMatchObject({ status: 401 })
    expect(seen).toEqual(['/login none'])
  })
})

describe('problems', () => {
  it('carry code, fields, request id and the time to wait', async () => {
    http.defaults.adapter = (config: InternalAxiosRequestConfig) =>
      Promise.reject(refuse(config, 422, { error: 'invalid', message: 'm', request_id: 'r9', fields: { title: 'too long' } }))
    await expect(get('/a')).rejects.toMatchObject({
      status: 422,
      code: 'invalid',
      fields: { title: 'too long' },
      requestId: 'r9',
      retryAfter: 7,
    })
  })

  it('without JSON are told apart by status', async () => {
    http.defaults.adapter = (config: InternalAxiosRequestConfig) => Promise.reject(refuse(config, 502, '<html>'))
    await expect(get('/a')).rejects.toMatchObject({ code: 'unavailable' })
    http.defaults.adapter = () => Promise.reject(new AxiosError('no', 'ERR_NETWORK'))
    await expect(get('/a')).rejects.toMatchObject({ status: 0, code: 'network' })
  })
})
