import type { Message, Quote } from './message'

/** A message of mine on its way. `waiting`: the connection broke, it is sent again by itself. `sent`: on disk, not heard yet. */
export interface Pending {
  cid: string
  text: string
  reply: Quote | null
  state: 'sending' | 'waiting' | 'sent' | 'held' | 'failed'
  /** Why it failed. */
  code: string | null
  seq: number | null
}

/** What is shown of a chat: one unbroken piece of its history, then what is on its way. */
export interface Room {
  /** By number, oldest first. */
  messages: readonly Message[]
  pending: readonly Pending[]
  hasOlder: boolean
  /** What is shown ends before the newest message: somebody went back to read. */
  hasNewer: boolean
  /** Messages that came meanwhile and are not shown. */
  unshown: number
  /** The highest number heard of. */
  top: number
}

export interface HistoryPage {
  items: readonly Message[]
  has_more: boolean
}

export type RoomEvent =
  | { type: 'message'; message: Message; isMine: boolean }
  | { type: 'edited'; seq: number; text: string }
  | { type: 'deleted'; seq: number; by: 'author' | 'moderator' }
  | { type: 'purged'; userId: number }
  | { type: 'restored'; messages: readonly { seq: number; text: string }[] }
  | { type: 'cleared'; upTo: number }

/** More than this is not kept in memory: what was read long ago is loaded again when somebody goes back to it. */
export const KEPT = 12_000
const TRIMMED_TO = 10_000

export const EMPTY: Room = { messages: [], pending: [], hasOlder: false, hasNewer: false, unshown: 0, top: 0 }

const lastSeq = (room: Room) => room.messages.at(-1)?.seq ?? 0

export function showLatest(room: Room, page: HistoryPage): Room {
  const last = page.items.at(-1)?.seq ?? 0
  const pending = room.pending.filter((one) => one.seq === null || one.seq > last)
  const top = Math.max(room.top, last)
  return { messages: page.items, pending, hasOlder: page.has_more, hasNewer: false, unshown: 0, top }
}

/** Goes back to a message that is not shown: `older` ends with it, `newer` goes on after it. */
export function showAround(room: Room, older: HistoryPage, newer: HistoryPage): Room {
  if (!newer.has_more) return { ...showLatest(room, { ...older, items: [...older.items, ...newer.items] }) }
  return { ...room, messages: [...older.items, ...newer.items], hasOlder: older.has_more, hasNewer: true }
}

export function addOlder(room: Room, page: HistoryPage): Room {
  const first = room.messages[0]?.seq ?? Infinity
  const items = page.items.filter((one) => one.seq < first)
  return { ...room, messages: [...items, ...room.messages], hasOlder: page.has_more }
}

export function addNewer(room: Room, page: HistoryPage): Room {
  const last = lastSeq(room)
  const messages = [...room.messages, ...page.items.filter((one) => one.seq > last)]
  const unshown = page.has_more ? Math.max(0, room.unshown - page.items.length) : 0
  return { ...room, messages, hasNewer: page.has_more, unshown }
}

/** Drops the oldest when there are too many. Only for somebody who reads the newest. */
export function trim(room: Room): Room {
  if (room.messages.length <= KEPT) return room
  return { ...room, messages: room.messages.slice(-TRIMMED_TO), hasOlder: true }
}

/** Each may come twice: an event that was heard while history was on its way is applied to it again. */
export function applyEvents(room: Room, events: readonly RoomEvent[]): Room {
  const messages = [...room.messages]
  const next = { ...room, messages }
  for (const event of events) applyOne(next, messages, event)
  return next
}

function applyOne(room: Room, messages: Message[], event: RoomEvent): void {
  if (event.type === 'message') return append(room, messages, event)
  if (event.type === 'edited') return change(messages, event.seq, (one) => ({ ...one, text: event.text, edited: true }))
  if (event.type === 'deleted') return hide(messages, event.by, (one) => one.seq === event.seq)
  if (event.type === 'purged') return hide(messages, 'moderator', (one) => one.by.id === event.userId)
  if (event.type === 'restored') return event.messages.forEach((one) => restore(messages, one))
  const kept = messages.filter((one) => one.seq > event.upTo)
  if (kept.length > 0 || !room.hasNewer) room.hasOlder = false
  messages.splice(0, messages.length, ...kept)
}

function append(room: Room, messages: Message[], event: RoomEvent & { type: 'message' }): void {
  const { message } = event
  room.pending = room.pending.filter((one) => !isSame(one, event))
  if (room.hasNewer && message.seq > room.top) room.unshown++
  room.top = Math.max(room.top, message.seq)
  if (!room.hasNewer && message.seq > (messages.at(-1)?.seq ?? 0)) messages.push(message)
}

/** A message of mine is known by its number; before the answer with the number has come, by its words. */
function isSame(one: Pending, event: RoomEvent & { type: 'message' }): boolean {
  if (one.seq !== null) return one.seq === event.message.seq
  return event.isMine && one.state !== 'failed' && one.text === event.message.text
}

function change(messages: Message[], seq: number, to: (message: Message) => Message): void {
  const index = indexOf(messages, seq)
  const found = messages[index]
  if (found && !found.deleted) messages[index] = to(found)
}

/** What it answered comes back when the history is read again. */
function restore(messages: Message[], { seq, text }: { seq: number; text: string }): void {
  const index = indexOf(messages, seq)
  const found = messages[index]
  if (found?.deleted) messages[index] = { ...found, text, deleted: null }
  messages.forEach((one, at) => {
    if (one.reply?.seq === seq) messages[at] = { ...one, reply: { ...one.reply, text } }
  })
}

function hide(messages: Message[], by: 'author' | 'moderator', isMeant: (message: Message) => boolean): void {
  const hidden = new Set<number>()
  messages.forEach((one, index) => {
    if (isMeant(one) && !one.deleted) {
      messages[index] = { ...one, text: '', reply: null, deleted: by }
      hidden.add(one.seq)
    } else if (one.reply && hidden.has(one.reply.seq)) {
      // A quote must not go on saying what was taken away.
      messages[index] = { ...one, reply: { ...one.reply, text: '' } }
    }
  })
}

/** -1 when it is not among them. */
export function indexOf(messages: readonly Message[], seq: number): number {
  let [low, high] = [0, messages.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = messages[middle]?.seq ?? 0
    if (found === seq) return middle
    if (found < seq) low = middle + 1
    else high = middle - 1
  }
  return -1
}

export function addPending(room: Room, cid: string, text: string, reply: Quote | null): Room {
  return { ...room, pending: [...room.pending, { cid, text, reply, state: 'sending', code: null, seq: null }] }
}

export function setPending(room: Room, cid: string, to: Partial<Pending>): Room {
  return { ...room, pending: room.pending.map((one) => (one.cid === cid ? { ...one, ...to } : one)) }
}

export function dropPending(room: Room, cid: string): Room {
  return { ...room, pending: room.pending.filter((one) => one.cid !== cid) }
}

/** The service has it. Its event may have come before the answer, or come later. */
export function markSent(room: Room, cid: string, seq: number | null): Room {
  const isShown = seq !== null && (seq <= lastSeq(room) || room.hasNewer)
  return isShown || seq === null ? dropPending(room, cid) : setPending(room, cid, { state: 'sent', seq })
}
