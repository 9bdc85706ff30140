import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { singleFlight } from '@/lib/once'
import { learnTime } from '@/lib/serviceClock'
import { takeFirst } from './first'
import { ApiError, toApiError } from './problem'

/** Where the access token comes from; the session store gives it, so that this file knows no store. */
export interface TokenSource {
  /** The token to send, null for a guest. Waits while the session is being restored. */
  token(): Promise<string | null>
  /** A new token; null when the session is over; throws when that cannot be told (no network). */
  refresh(): Promise<string | null>
  /** The session is over: called once for all the requests that found out together. */
  ended(): void
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Sent without a token and never repeated: signing in and refreshing. */
    isAnonymous?: boolean
    isRepeated?: boolean
    /** By the browser's clock. */
    askedAt?: number
  }
}

const GUEST: TokenSource = {
  token: () => Promise.resolve(null),
  refresh: () => Promise.resolve(null),
  ended: () => undefined,
}

let source = GUEST
let renew = singleFlight(() => source.refresh())

export function useTokens(tokens: TokenSource): void {
  source = tokens
  renew = singleFlight(async () => {
    const token = await tokens.refresh()
    if (token === null) tokens.ended()
    return token
  })
}

export const http = axios.create({
  timeout: 30_000,
  // The service refuses cookie-authenticated calls without it: a foreign form cannot set a header.
  headers: { 'X-Requested-With': 'trunkline' },
})

http.interceptors.request.use(async (config) => {
  const token = config.isAnonymous ? null : await source.token()
  if (token) config.headers.set('Authorization', `Bearer ${token}`)
  config.askedAt = Date.now()
  return config
})

http.interceptors.response.use((answer) => {
  const date: unknown = answer.headers.date
  if (typeof date === 'string') learnTime(date, answer.config.askedAt ?? Number.NaN, Date.now())
  return answer
}, async (error: unknown) => {
  const config = axios.isAxiosError(error) ? error.config : undefined
  if (!config || !canRepeat(error, config)) throw toApiError(error)
  const sent = String(config.headers.get('Authorization') ?? '')
  const present = await source.token()
  // Another request has renewed the token while this one was on its way.
  const isNew = present !== null && sent !== `Bearer ${present}`
  const token = isNew ? present : await renew().catch((cause: unknown) => Promise.reject(toApiError(cause)))
  if (token === null) throw toApiError(error)
  return http.request({ ...config, isRepeated: true })
})

function canRepeat(error: unknown, config: InternalAxiosRequestConfig): boolean {
  const isRefused = axios.isAxiosError(error) && error.response?.status === 401
  return isRefused && !config.isAnonymous && !config.isRepeated && config.headers.has('Authorization')
}

type Options = Pick<AxiosRequestConfig, 'signal' | 'params' | 'headers' | 'timeout' | 'isAnonymous'>

export async function get<T>(url: string, options: Options = {}): Promise<T> {
  // Nobody is signed in: what the shell has brought along is what the service would answer.
  if ((await source.token()) === null && !options.signal?.aborted) {
    const found = takeFirst<T>(http.getUri({ url, params: options.params as unknown }))
    if (found !== null) return found
  }
  return (await http.get<T>(url, options)).data
}

export async function post<T = void>(url: string, body: unknown = {}, options: Options = {}): Promise<T> {
  return (await http.post<T>(url, body, options)).data
}

export async function put<T = void>(url: string, body: unknown = {}, options: Options = {}): Promise<T> {
  return (await http.put<T>(url, body, options)).data
}

export async function patch<T>(url: string, body: unknown, options: Options = {}): Promise<T> {
  return (await http.patch<T>(url, body, options)).data
}

export async function del<T = void>(url: string, options: Options = {}): Promise<T> {
  return (await http.delete<T>(url, options)).data
}

export { ApiError }
