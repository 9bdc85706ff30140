import type { Cursor, RealtimeEvent, SubAnswer } from './protocol'

/** What to do with what came: show these events, and then go on, ask again from here, or reload everything. */
export interface Outcome {
  cursor: Cursor | null
  fresh: RealtimeEvent[]
  next: 'go-on' | 'ask-again' | 'reload'
}

/**
 * Numbers of a channel are dense, so a missing one is seen at once; what was seen already is dropped.
 * Events without a number are passed on as they come and move nothing.
 */
export function takeEvents(cursor: Cursor | null, events: readonly RealtimeEvent[]): Outcome {
  const fresh: RealtimeEvent[] = []
  let seq = cursor?.seq ?? 0
  let hasHole = false
  for (const event of events) {
    if (event.seq === null) fresh.push(event)
    else if (cursor && !hasHole && event.seq === seq + 1) {
      fresh.push(event)
      seq = event.seq
    } else hasHole ||= cursor !== null && event.seq > seq
  }
  return { cursor: cursor && { ...cursor, seq }, fresh, next: hasHole ? 'ask-again' : 'go-on' }
}

/**
 * The answer to `sub` names the top of the channel. A first subscription starts there: the page has just loaded.
 * A later one starts where it stopped, and the events in between come as ordinary frames.
 */
export function takeAnswer(asked: Cursor | null, answer: SubAnswer): Outcome {
  const top = { epoch: answer.epoch, seq: answer.seq }
  if (!asked) return { cursor: top, fresh: [], next: 'go-on' }
  const isLost = answer.reset === true || answer.epoch !== asked.epoch || answer.seq < asked.seq
  return isLost ? { cursor: top, fresh: [], next: 'reload' } : { cursor: asked, fresh: [], next: 'go-on' }
}
