/** Names for what crosses the wire about lives and their chat; the shapes are the service's. */
import type { components } from './schema'

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

/** With what only moderators see: the blocked words. */
export type ModeratorRules = Schemas['ModeratorRules']
export type RulesPatch = Partial<ModeratorRules>
export type Moderator = Schemas['Moderator']
/** For good when `until` is null. */
export type Ban = Schemas['Ban']
export type HeldMessage = Omit<Schemas['HeldMessage'], 'by'> & { by: Chatter }
/** An operator did it when `actor` is null. */
export type AuditEntry = Schemas['AuditEntry']
