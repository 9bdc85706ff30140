import { del, get, patch, post, put } from './http'
import type { LiveCard } from './liveTypes'
import { params } from './params'
import type { components } from './schema'
import type { Me, Page, PresignedForm, Profile, VideoCard } from './types'

type Schemas = components['schemas']

export interface ProfilePatch {
  display_name?: string
  bio?: string
  locale?: string
}

export type Follow = Schemas['Following']

export const updateMe = (body: ProfilePatch) => patch<Me>('/api/users/me', body)
export const getProfile = (username: string) => get<Profile>(`/api/users/${encodeURIComponent(username)}`)

/** A form that the browser posts straight to storage; then `setAvatar` with its key. */
export const askAvatarUpload = (body: { content_type: string; size: number }) =>
  post<PresignedForm>('/api/users/me/avatar', body)
export const setAvatar = (key: string) => put<Me>('/api/users/me/avatar', { key })
export const dropAvatar = () => del<Me>('/api/users/me/avatar')

export const listFollowedVideos = (query: { cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
  get<Page<VideoCard>>('/api/users/me/following/videos', { params: params(query), signal })
export const listFollowedLives = (query: { limit?: number }, signal?: AbortSignal) =>
  get<Page<LiveCard>>('/api/users/me/following/lives', { params: params(query), signal })

const followPath = (username: string) => `/api/users/${encodeURIComponent(username)}/follow`
export const getFollow = (username: string, signal?: AbortSignal) => get<Follow>(followPath(username), { signal })
export const follow = (username: string) => put<Follow>(followPath(username))
export const unfollow = (username: string) => del<Follow>(followPath(username))
