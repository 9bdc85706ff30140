/** Keeping order in the chat of a live. */
import { del, get, patch, post, put } from './http'
import type { AuditEntry, Ban, HeldMessage, Moderator, ModeratorRules, RulesPatch } from './liveTypes'
import { params } from './params'
import type { Page } from './types'

const path = (id: string, rest: string) => `/api/lives/${encodeURIComponent(id)}/${rest}`
const person = (id: string, list: string, username: string) => path(id, `${list}/${encodeURIComponent(username)}`)

export const getRules = (id: string, signal?: AbortSignal) => get<ModeratorRules>(path(id, 'chat'), { signal })
export const updateRules = (id: string, body: RulesPatch) => patch<ModeratorRules>(path(id, 'chat'), body)

export const listModerators = (id: string, signal?: AbortSignal) =>
  get<{ items: Moderator[] }>(path(id, 'moderators'), { signal })
export const addModerator = (id: string, username: string) => put(person(id, 'moderators', username))
export const dropModerator = (id: string, username: string) => del(person(id, 'moderators', username))

export const listBans = (id: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Ban>>(path(id, 'bans'), { params: params({ cursor }), signal })
/** For so many seconds; null for good. */
export const banPerson = (id: string, username: string, body: { seconds: number | null; reason?: string }) =>
  put(person(id, 'bans', username), body)
/** With `restore`, what was hidden when they were silenced is shown again. */
export const liftBan = (id: string, username: string, restore = false) =>
  del(person(id, 'bans', username), { params: restore ? { restore } : undefined })

export const listHeld = (id: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<HeldMessage>>(path(id, 'held'), { params: params({ cursor }), signal })
export const reviewHeld = (id: string, held: number, verdict: 'approved' | 'rejected') =>
  post(path(id, `held/${held}`), { verdict })

export const listAudit = (id: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<AuditEntry>>(path(id, 'audit'), { params: params({ cursor }), signal })
