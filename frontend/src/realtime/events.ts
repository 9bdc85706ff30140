import type { Author, Message, Quote, Restriction, Rules } from '@/lib/chat/message'

/** Events on `user:<id>` and what they carry. */
export interface VideoEvent {
  video_id: string
  status: string
  progress: number
  is_playable: boolean
  visibility?: string
  /** The path of its picture: another one has another name. */
  poster?: string
  qualities: { label: string; progress: number; status: string }[]
  reason?: string | null
}

export interface UserEvents {
  'video:progress': VideoEvent
  'video:ready': VideoEvent
  'video:failed': VideoEvent
  'session:revoked': { session_id: string }
  'chat:restricted': Restriction & { live: string }
  'chat:unrestricted': { live: string }
  'chat:moderator': { live: string; is_moderator: boolean }
  /** Not from the wire: events may be missing, load again. */
  reload: null
}

const USER_EVENTS: readonly string[] = [
  'video:progress',
  'video:ready',
  'video:failed',
  'session:revoked',
  'chat:restricted',
  'chat:unrestricted',
  'chat:moderator',
] satisfies (keyof UserEvents)[]

export function isUserEvent(name: string): name is Exclude<keyof UserEvents, 'reload'> {
  return USER_EVENTS.includes(name)
}

/** Events on `live:<id>`. The number of a message is that of its event. */
export interface LiveEvents {
  'chat:message': { by: Author; text: string; reply?: Quote }
  'chat:edited': { seq: number; text: string }
  'chat:deleted': { seq: number; by: 'author' | 'moderator' }
  'chat:purged': { user_id: number }
  'chat:restored': { messages: { seq: number; text: string }[] }
  'chat:cleared': { up_to: number }
  'chat:pinned': Pick<Message, 'seq' | 'by' | 'text'>
  'chat:unpinned': object
  'chat:rules': Rules
  'live:changed': LiveChange
  /** A reset follows: everything is loaded again, so nobody hears this one. */
  'live:reload': { is_private: boolean }
  'live:announcement': { text: string }
  /** These three have no number: at most once, never stored. */
  'chat:typing': { name: string }
  'chat:effect': { emoji: string; name: string }
  'live:viewers': { n: number }
}

export interface LiveChange {
  status: 'scheduled' | 'live' | 'ended'
  title: string
  description: string
  scheduled_at: string | null
  started_at: string | null
  ended_at: string | null
  end_reason: string | null
}

/** Events on `live:<id>:mod`, for the owner and the moderators. */
export interface ModeratorEvents {
  'chat:held': { id: number; by: Author; text: string; why: 'word' | 'link' }
  'chat:reviewed': { id: number; verdict: 'approved' | 'rejected' }
  'chat:moderators': { user_id: number; is_moderator: boolean }
}

/** Where an event stands in its channel; `seq` is null for what is never stored. */
export interface Place {
  seq: number | null
  at: string
}

/** What a listener does with the events of a channel, by name; those it does not name pass by. */
export type Handlers<Events> = { [Name in keyof Events]?: (data: Events[Name], place: Place) => void }

/** Not from the wire. */
export interface ChannelSignals {
  /** Events may be missing: load again. Also when a channel is first followed without a cursor. */
  reload?: () => void
  /** The channel is not there, or not for us. */
  refused?: (code: string) => void
}
