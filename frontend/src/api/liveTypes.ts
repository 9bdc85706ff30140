/** What crosses the wire about lives and their chat. */
import type { Person, Visibility } from './types'

export type LiveStatus = 'scheduled' | 'live' | 'ended'
export type LinkRule = 'allow' | 'hold' | 'block'

export interface LiveCard {
  id: string
  title: string
  description: string
  visibility: Visibility
  status: LiveStatus
  scheduled_at: string | null
  started_at: string | null
  ended_at: string | null
  end_reason: string | null
  owner: Person & { follower_count?: number }
  viewers: number
  peak_viewers: number
  total_viewers: number
  channel: string
  created_at: string
}

export interface ChatRules {
  is_open: boolean
  slow_seconds: number
  followers_only: boolean
  verified_only: boolean
  unique_only: boolean
  link_rule: LinkRule
}
/** What moderators see of the rules. */
export type ModeratorRules = ChatRules & { blocked_words: string[] }

export interface Chatter {
  id: number
  name: string
  display: string
  badges?: ('owner' | 'moderator' | 'verified')[]
}

export interface ChatMessage {
  seq: number
  at: string
  by: Chatter
  text: string
  reply?: { seq: number; name: string; text: string }
  edited: boolean
  deleted: null | 'author' | 'moderator'
}

export interface Restriction {
  kind: 'ban' | 'timeout'
  until: string | null
  reason: string
}

export interface Live extends LiveCard {
  chat: ChatRules
  pinned: ChatMessage | null
  me: { is_owner: boolean; is_moderator: boolean; is_following: boolean; restriction: Restriction | null }
  /** The last characters of the stream key; for the owner. */
  key_hint?: string
}

/** With the stream key, which is shown this once. */
export type NewLive = Live & { stream_key: string }
export type NewKey = { stream_key: string; key_hint: string }
export type LivePatch = Partial<Pick<LiveCard, 'title' | 'description' | 'visibility' | 'scheduled_at'>>
export type LiveDraft = LivePatch & { title: string }

export interface Moderator extends Person {
  created_at: string
}

export interface Ban {
  user: Person
  until: string | null
  reason: string
  created_at: string
}

export interface HeldMessage {
  id: number
  by: Chatter
  text: string
  why: 'word' | 'link'
  created_at: string
}

export interface AuditEntry {
  id: number
  at: string
  action: string
  /** Null: an operator. */
  actor: Person | null
  target: Person | null
  detail: Record<string, unknown>
}
