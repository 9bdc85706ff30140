import { describe, expect, it } from 'vitest'
import type { Message } from './message'
import * as rooms from './room'
import type { Room, RoomEvent } from './room'

const anna = { id: 1, name: 'anna', display: 'Anna' }
const ben = { id: 2, name: 'ben', display: 'Ben' }

function message(seq: number, more: Partial<Message> = {}): Message {
  return { seq, at: '2026-11-25T10:00:00Z', by: anna, text: `text ${seq}`, edited: false, deleted: null, ...more }
}
const page = (from: number, to: number, hasMore = true) => ({
  items: Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  has_more: hasMore,
})
const seqs = (room: Room) => room.messages.map((one) => one.seq)
const came = (...all: number[]): RoomEvent[] => all.map((seq) => ({ type: 'message', message: message(seq), isMine: false }))
const shown = (from: number, to: number) => rooms.showLatest(rooms.EMPTY, page(from, to))

describe('a room', () => {
  it('adds what comes at the end, once', () => {
    const room = rooms.applyEvents(shown(5, 6), [...came(6, 7), ...came(7)])
    expect(seqs(room)).toEqual([5, 6, 7])
  })

  it('pages back and forth without overlap', () => {
    let room = rooms.addOlder(shown(10, 12), page(7, 10, false))
    expect(seqs(room)).toEqual([7, 8, 9, 10, 11, 12])
    expect(room.hasOlder).toBe(false)
    room = rooms.addNewer(room, page(12, 14))
    expect(seqs(room).at(-1)).toBe(14)
    expect(room.hasNewer).toBe(true)
  })

  it('counts what comes while somebody reads far back, and shows it when they return', () => {
    let room = rooms.showAround(shown(90, 99), page(10, 12), page(13, 15))
    room = rooms.applyEvents(rooms.applyEvents(room, came(100, 101)), came(100, 101))
    expect(seqs(room)).toEqual([10, 11, 12, 13, 14, 15])
    expect(room).toMatchObject({ hasNewer: true, unshown: 2 })
    room = rooms.showLatest(room, page(92, 101))
    expect(room).toMatchObject({ hasNewer: false, unshown: 0 })
  })

  it('joins the newest when going back reaches it', () => {
    const room = rooms.showAround(shown(5, 9), page(1, 2, false), page(3, 9, false))
    expect(seqs(room)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(room).toMatchObject({ hasNewer: false, hasOlder: false })
  })

  it('edits, but nothing that is deleted', () => {
    const events: RoomEvent[] = [
      { type: 'edited', seq: 5, text: 'better' },
      { type: 'deleted', seq: 6, by: 'author' },
      { type: 'edited', seq: 6, text: 'back again' },
      { type: 'edited', seq: 99, text: 'not here' },
    ]
    const room = rooms.applyEvents(shown(5, 6), events)
    expect(room.messages[0]).toMatchObject({ text: 'better', edited: true })
    expect(room.messages[1]).toMatchObject({ text: '', deleted: 'author' })
    expect(rooms.applyEvents(room, events).messages).toEqual(room.messages)
  })

  it('hides all messages of who was banned, and what quotes say of them', () => {
    const items = [
      message(1, { by: ben }),
      message(2, { reply: { seq: 1, name: 'ben', text: 'text 1' } }),
      message(3, { by: ben }),
    ]
    const before = rooms.showLatest(rooms.EMPTY, { items, has_more: false })
    const room = rooms.applyEvents(before, [{ type: 'purged', userId: 2 }])
    expect(room.messages.map((one) => one.deleted)).toEqual(['moderator', null, 'moderator'])
    expect(room.messages[1]?.reply?.text).toBe('')
  })

  it('is cleared up to a number', () => {
    const room = rooms.applyEvents(shown(5, 8), [{ type: 'cleared', upTo: 7 }])
    expect(seqs(room)).toEqual([8])
    expect(room.hasOlder).toBe(false)
  })

  it('lets go of the oldest when there are too many', () => {
    const room = rooms.trim(rooms.showLatest(rooms.EMPTY, page(1, rooms.KEPT + 1, false)))
    expect(room.messages).toHaveLength(10_000)
    expect(room.messages.at(-1)?.seq).toBe(rooms.KEPT + 1)
    expect(room.hasOlder).toBe(true)
    expect(rooms.trim(shown(1, 2)).hasOlder).toBe(true)
  })

  it('finds a message by number', () => {
    const { messages } = shown(5, 90)
    expect(rooms.indexOf(messages, 5)).toBe(0)
    expect(rooms.indexOf(messages, 90)).toBe(85)
    expect(rooms.indexOf(messages, 91)).toBe(-1)
    expect(rooms.indexOf([], 1)).toBe(-1)
  })
})

describe('my messages on their way', () => {
  const sending = () => rooms.addPending(shown(5, 6), 'c', 'hi', null)
  const mine = (): RoomEvent[] => [{ type: 'message', message: message(7, { text: 'hi' }), isMine: true }]

  it('are shown once when the answer comes before the event', () => {
    let room = rooms.markSent(sending(), 'c', 7)
    expect(room.pending).toMatchObject([{ state: 'sent', seq: 7 }])
    room = rooms.applyEvents(room, mine())
    expect(room.pending).toEqual([])
    expect(seqs(room)).toEqual([5, 6, 7])
  })

  it('are shown once when the event comes before the answer', () => {
    const room = rooms.applyEvents(sending(), mine())
    expect(room.pending).toEqual([])
    expect(seqs(rooms.markSent(room, 'c', 7))).toEqual([5, 6, 7])
  })

  it('are shown once when only the history tells of them', () => {
    const room = rooms.showLatest(rooms.markSent(sending(), 'c', 7), page(5, 7))
    expect(room.pending).toEqual([])
    const lost = rooms.showLatest(rooms.setPending(sending(), 'c', { state: 'waiting' }), page(5, 7))
    expect(lost.pending).toHaveLength(1)
    expect(rooms.markSent(lost, 'c', 7).pending).toEqual([])
  })

  it('fail and can be thrown away', () => {
    const room = rooms.setPending(sending(), 'c', { state: 'failed', code: 'slow_down' })
    expect(room.pending).toMatchObject([{ cid: 'c', state: 'failed', code: 'slow_down' }])
    expect(rooms.dropPending(room, 'c').pending).toEqual([])
  })
})
