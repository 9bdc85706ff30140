/** Names for what crosses the wire. The shapes come from the service's OpenAPI: `make types` writes schema.d.ts. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Problem = Schemas['Problem']
export type Role = 'user' | 'moderator' | 'admin'
export type Me = Omit<Schemas['Me'], 'role'> & { role: Role }
export type Session = Omit<Schemas['Session'], 'user'> & { user: Me }
export type Device = Schemas['OpenSession']
export type Person = Schemas['Owner']
export type Profile = Schemas['Profile']
export type PresignedForm = Schemas['AvatarPost']

export type VideoCard = Schemas['VideoCard']
export type Limits = Schemas['SendingLimits']
export type Visibility = VideoCard['visibility']
export type VideoStatus = VideoCard['status']
type Sizes = 'width' | 'height' | 'bitrate'
/** Events name a quality before its sizes are known here. */
export type Quality = Omit<Schemas['Quality'], Sizes> & Record<Sizes, number | null>
export type Video = Omit<Schemas['Video'], 'qualities'> & { qualities: Quality[] }
export type QualityStatus = Quality['status']
export type Caption = Schemas['Caption']
/** What is left at its default is not sent. */
export type SavedCaption = Caption & Partial<Omit<Schemas['SavedCaption'], keyof Caption>>
export type VideoPatch = Partial<Pick<Video, 'title' | 'description' | 'tags' | 'visibility' | 'publish_at'>>
export type Playback = Schemas['Playback']
export type Like = Schemas['Likes']
export type Stats = Schemas['Stats']

export type UploadStatus = 'open' | 'completing' | 'completed' | 'aborted' | 'expired'
export type Upload = Omit<Schemas['Upload'], 'status'> & { status: UploadStatus }
export type RealtimeTicket = Schemas['Ticket']

/** A part of a list, and where the next part starts. */
export interface Page<T> {
  items: T[]
  next_cursor: string | null
}
