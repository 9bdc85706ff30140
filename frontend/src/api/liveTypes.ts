/** Names for what crosses the wire about lives and their chat; the shapes are the service's. */
import type { components } from './schema'
import type { Person } from './types'

type Schemas = components['schemas']

export type LiveCard = Schemas['LiveCard']
export type LiveStatus = LiveCard['status']
export type ChatRules = Schemas['ChatRules']
export type LinkRule = ChatRules['link_rule']
/** Without badges where there are none. */
export type Chatter = Omit<Schemas['MessageBy'], 'badges'> & Partial<Pick<Schemas['MessageBy'], 'badges'>>
export type ChatMessage = Schemas['Message']
export type Restriction = Schemas['Restriction']
export type Live = Schemas['Live']
/** With the stream key, which is shown this once. */
export type NewLive = Schemas['NewLive']
export type NewKey = Schemas['StreamKey']
export type LivePatch = Partial<Pick<LiveCard, 'title' | 'description' | 'visibility' | 'scheduled_at'>>
export type LiveDraft = LivePatch & { title: string }

/** What moderators see of the rules. */
export type ModeratorRules = ChatRules & { blocked_words: string[] }

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
