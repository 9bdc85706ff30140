import type { Message } from './message'
import type { Pending, Room } from './room'

/** A line of the list: a message, or one of mine on its way. */
export type Row = { kind: 'message'; key: string; message: Message } | { kind: 'pending'; key: string; pending: Pending }

const TOGETHER_MS = 3 * 60_000

const made = new WeakMap<Message | Pending, Row>()

/** Each message keeps its row, so that a list of thousands is not drawn anew for one more. */
export function rowsOf(room: Room): Row[] {
  const pending = room.hasNewer ? [] : room.pending
  return [...room.messages.map(messageRow), ...pending.map(pendingRow)]
}

function messageRow(message: Message): Row {
  const row = made.get(message) ?? { kind: 'message', key: `m${message.seq}`, message }
  made.set(message, row)
  return row
}

function pendingRow(pending: Pending): Row {
  const row = made.get(pending) ?? { kind: 'pending', key: pending.cid, pending }
  made.set(pending, row)
  return row
}

/** Whether a message stands under the one before without repeating the name. */
export function isTogether(before: Row | undefined, row: Row, myName: string | null): boolean {
  if (!before || replyOf(row)) return false
  if (before.kind === 'pending') return row.kind === 'pending'
  if (before.message.deleted) return false
  if (row.kind === 'pending') return before.message.by.name === myName
  const gap = Date.parse(row.message.at) - Date.parse(before.message.at)
  return before.message.by.id === row.message.by.id && gap < TOGETHER_MS
}

const replyOf = (row: Row) => (row.kind === 'message' ? row.message.reply : row.pending.reply)
