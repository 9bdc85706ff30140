import { del, get, patch, post, put } from './http'
import type { Me, PresignedForm, Profile } from './types'

export interface ProfilePatch {
  display_name?: string
  bio?: string
  locale?: string
}

export const updateMe = (body: ProfilePatch) => patch<Me>('/api/users/me', body)
export const getProfile = (username: string) => get<Profile>(`/api/users/${encodeURIComponent(username)}`)

/** A form that the browser posts straight to storage; then `setAvatar` with its key. */
export const askAvatarUpload = (body: { content_type: string; size: number }) =>
  post<PresignedForm>('/api/users/me/avatar', body)
export const setAvatar = (key: string) => put<Me>('/api/users/me/avatar', { key })
export const dropAvatar = () => del<Me>('/api/users/me/avatar')
