/** Frames of subprotocol trunkline.v1, both ways. */
export const SUBPROTOCOL = 'trunkline.v1'

export interface Cursor {
  epoch: string | number
  seq: number
}

export interface RealtimeEvent {
  seq: number
  type: string
  data: unknown
}

export type Request =
  | { op: 'auth'; ticket: string }
  | { op: 'sub'; ch: string; since?: Cursor }
  | { op: 'unsub'; ch: string }
  | { op: 'ping' }

export interface SubAnswer extends Cursor {
  reset?: boolean
}

export type Frame =
  | { kind: 'answer'; id: number; ok: Record<string, unknown> }
  | { kind: 'refusal'; id: number; code: string }
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
    const events = Array.isArray(frame.ev) ? frame.ev.filter(isEvent) : []
    return { kind: 'events', channel: frame.ch, events, reset: frame.reset === true }
  }
  if (typeof frame.id !== 'number') return null
  if (isRecord(frame.error)) return { kind: 'refusal', id: frame.id, code: String(frame.error.code ?? 'internal') }
  return { kind: 'answer', id: frame.id, ok: isRecord(frame.ok) ? frame.ok : {} }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEvent(value: unknown): value is RealtimeEvent {
  return isRecord(value) && typeof value.seq === 'number' && typeof value.type === 'string'
}
