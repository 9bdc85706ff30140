/** What crosses the wire, as the service's OpenAPI says. One file, so that `npm run types` can replace it. */
export type Role = 'user' | 'moderator' | 'admin'
export type Visibility = 'public' | 'unlisted' | 'private'
export type VideoStatus = 'uploading' | 'queued' | 'probing' | 'transcoding' | 'ready' | 'failed'
export type QualityStatus = 'pending' | 'working' | 'ready' | 'failed'

export interface Problem {
  error: string
  message: string
  request_id?: string
  fields?: Record<string, string>
}

export interface Me {
  id: number
  username: string
  display_name: string
  bio: string
  email: string
  is_email_verified: boolean
  role: Role
  avatar_url: string | null
  locale: string
  created_at: string
  storage_used_bytes: number
  storage_quota_bytes: number
}

export interface Session {
  user: Me
  access_token: string
  expires_in: number
}

export interface Device {
  id: string
  user_agent: string
  ip: string
  created_at: string
  last_seen_at: string
  is_current: boolean
}

export interface Person {
  username: string
  display_name: string
  avatar_url: string | null
}

export interface Profile extends Person {
  bio: string
  created_at: string
  video_count: number
}

export interface PresignedForm {
  url: string
  fields: Record<string, string>
  key: string
}

export interface Quality {
  label: string
  width: number | null
  height: number | null
  bitrate: number | null
  status: QualityStatus
  progress: number
}

export interface Caption {
  lang: string
  label: string
}

/** A video in a list of everybody's videos. */
export interface VideoCard {
  id: string
  title: string
  visibility: Visibility
  status: VideoStatus
  reason: string | null
  progress: number
  is_playable: boolean
  duration_seconds: number | null
  view_count: number
  like_count: number
  resume_seconds: number | null
  created_at: string
  published_at: string | null
  poster_url: string | null
  sprite_vtt_url: string | null
  owner: Person
}

export interface Video extends Omit<VideoCard, 'sprite_vtt_url'> {
  description: string
  tags: string[]
  is_owner: boolean
  is_liked: boolean
  width: number | null
  height: number | null
  size_bytes: number
  qualities: Quality[]
  captions: Caption[]
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface VideoPatch {
  title?: string
  description?: string
  tags?: string[]
  visibility?: Visibility
}

export interface Playback {
  hls_url: string | null
  progressive_url: string | null
  poster_url: string | null
  sprite_vtt_url: string | null
  captions: (Caption & { url: string })[]
  expires_at: string
}

export interface Like {
  like_count: number
  is_liked: boolean
}

export interface Stats {
  video_count: number
  view_count: number
  like_count: number
  storage_used_bytes: number
  storage_quota_bytes: number
  views_per_day: { day: string; views: number }[]
}

export type UploadStatus = 'open' | 'completing' | 'completed' | 'aborted' | 'expired'

export interface Upload {
  upload_id: string
  video_id: string
  filename: string
  size: number
  content_type: string
  status: UploadStatus
  part_size: number
  part_count: number
  max_concurrency: number
  expires_at: string
  created_at: string
  parts: { n: number; etag: string; size: number }[]
}

export interface RealtimeTicket {
  ticket: string
  expires_in: number
  channel: string
}
