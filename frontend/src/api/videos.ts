import { del, get, patch, post, put } from './http'
import { params } from './params'
import type { Like, Page, Playback, SavedCaption, Stats, Video, VideoCard, VideoPatch } from './types'

export type Sort = 'newest' | 'popular'

export interface VideoQuery {
  q?: string
  sort?: Sort
  owner?: string
  cursor?: string | null
  limit?: number
}

const path = (id: string) => `/api/videos/${encodeURIComponent(id)}`

export const listVideos = (query: VideoQuery, signal?: AbortSignal) =>
  get<Page<VideoCard>>('/api/videos', { params: params(query), signal })
export const listMine = (query: { cursor?: string | null; limit?: number; status?: string }, signal?: AbortSignal) =>
  get<Page<Video>>('/api/users/me/videos', { params: params(query), signal })
export const getStats = (signal?: AbortSignal) => get<Stats>('/api/users/me/stats', { signal })

export const getVideo = (id: string, signal?: AbortSignal) => get<Video>(path(id), { signal })
export const updateVideo = (id: string, body: VideoPatch) => patch<Video>(path(id), body)
export const deleteVideo = (id: string) => del(path(id))
export const restoreVideo = (id: string) => post<Video>(`${path(id)}/restore`)
export const retryVideo = (id: string) => post<Video>(`${path(id)}/retry`)
export const chooseFrame = (id: string, frame: number) => post<Video>(`${path(id)}/poster`, { frame })
export const putPoster = (id: string, picture: Blob) =>
  put<Video>(`${path(id)}/poster`, picture, { headers: { 'Content-Type': picture.type } })
export const listRelated = (id: string, signal?: AbortSignal) =>
  get<{ items: VideoCard[] }>(`${path(id)}/related`, { signal })

export const getPlayback = (id: string, signal?: AbortSignal) => get<Playback>(`${path(id)}/playback`, { signal })
export const countView = (id: string) => post(`${path(id)}/views`)
export const keepPosition = (id: string, seconds: number) => put(`${path(id)}/position`, { seconds })
export const like = (id: string) => put<Like>(`${path(id)}/like`)
export const unlike = (id: string) => del<Like>(`${path(id)}/like`)

export const putCaption = (id: string, lang: string, query: { label: string; encoding?: string }, file: Blob, type: string) =>
  put<SavedCaption>(`${path(id)}/captions/${encodeURIComponent(lang)}`, file, {
    params: params(query),
    headers: { 'Content-Type': type },
  })
export const deleteCaption = (id: string, lang: string) => del(`${path(id)}/captions/${encodeURIComponent(lang)}`)
