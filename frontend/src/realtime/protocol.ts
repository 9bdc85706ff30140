/** Frames of subprotocol trunkline.v1, both ways. */
export const SUBPROTOCOL = 'trunkline.v1'

export interface Cursor {
  epoch: string | number
  seq: number
}

/** Without a number: at most once, never stored (somebody types, an effect flies). */
export interface RealtimeEvent {
  seq: number | null
  /** When it was written; "" for what has no number. */
  at: string
  type: string
  data: unknown
}

export type Request =
  | { op: 'auth'; ticket: string }
  | { op: 'sub'; ch: string; since?: Cursor }
  | { op: 'unsub'; ch: string }
  | { op: 'pub'; ch: string; type: string; data: unknown; cid?: string }
  | { op: 'ping' }

export interface SubAnswer extends Cursor {
  reset?: boolean
}

export interface Refusal {
  code: string
  message: string
  /** Seconds. */
  retryAfter: number | null
}

/** `stored`: on disk under that number. `held`: waits for a moderator. `lost`: no answer; ask again with the same cid. */
export type PubAnswer =
  | { kind: 'stored'; seq: number | null }
  | { kind: 'held' }
  | ({ kind: 'refused' } & Refusal)
  | { kind: 'lost' }

export type Frame =
  | { kind: 'answer'; id: number; ok: Record<string, unknown> }
  | ({ kind: 'refusal'; id: number } & Refusal)
  | { kind: 'events'; channel: string; events: RealtimeEvent[]; reset: boolean }

/** Null for anything else: a newer service may say more than this page understands. */
export function readFrame(text: string): Frame | null {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(frame)) return null
  if (typeof frame.ch === 'string') {
    const events = Array.isArray(frame.ev) ? frame.ev.flatMap(readEvent) : []
    return { kind: 'events', channel: frame.ch, events, reset: frame.reset === true }
  }
  if (typeof frame.id !== 'number') return null
  if (isRecord(frame.error)) return { kind: 'refusal', id: frame.id, ...readRefusal(frame.error) }
  return { kind: 'answer', id: frame.id, ok: isRecord(frame.ok) ? frame.ok : {} }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readEvent(value: unknown): RealtimeEvent[] {
  if (!isRecord(value) || typeof value.type !== 'string') return []
  const seq = typeof value.seq === 'number' ? value.seq : null
  return [{ seq, at: typeof value.at === 'string' ? value.at : '', type: value.type, data: value.data }]
}

function readRefusal(error: Record<string, unknown>): Refusal {
  return {
    code: String(error.code ?? 'internal'),
    message: String(error.message ?? ''),
    retryAfter: typeof error.retry_after === 'number' ? error.retry_after : null,
  }
}
