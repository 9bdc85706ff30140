import { del, get, patch, post } from './http'
import type { Live, LiveCard, LiveDraft, LivePatch, NewKey, NewLive } from './liveTypes'
import { params } from './params'
import type { Page } from './types'

export type LiveList = 'live' | 'upcoming' | 'past'

export interface LiveQuery {
  status: LiveList
  owner?: string
  cursor?: string | null
  limit?: number
}

const path = (id: string) => `/api/lives/${encodeURIComponent(id)}`

export const listLives = (query: LiveQuery, signal?: AbortSignal) =>
  get<Page<LiveCard>>('/api/lives', { params: params(query), signal })
export const listMyLives = (query: { cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
  get<Page<LiveCard>>('/api/users/me/lives', { params: params(query), signal })

export const createLive = (body: LiveDraft) => post<NewLive>('/api/lives', body)
export const getLive = (id: string, signal?: AbortSignal) => get<Live>(path(id), { signal })
export const updateLive = (id: string, body: LivePatch) => patch<Live>(path(id), body)
export const deleteLive = (id: string) => del(path(id))
export const restoreLive = (id: string) => post<Live>(`${path(id)}/restore`)
export const startLive = (id: string) => post<Live>(`${path(id)}/start`)
export const endLive = (id: string) => post<Live>(`${path(id)}/end`)
/** Makes a new stream key; the old one stops working at once. */
export const rotateKey = (id: string) => post<NewKey>(`${path(id)}/key`)
