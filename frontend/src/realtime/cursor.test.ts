import { describe, expect, it } from 'vitest'
import { takeAnswer, takeEvents } from './cursor'

const event = (seq: number | null) => ({ seq, at: '', type: 'video:progress', data: {} })
const at = (seq: number, epoch = 1) => ({ epoch, seq })

describe('takeEvents', () => {
  it('passes on what is new, in order', () => {
    const outcome = takeEvents(at(4), [event(5), event(6)])
    expect(outcome.fresh.map((one) => one.seq)).toEqual([5, 6])
    expect(outcome).toMatchObject({ cursor: at(6), next: 'go-on' })
  })

  it('drops what was seen', () => {
    expect(takeEvents(at(6), [event(5), event(6), event(7)]).fresh.map((one) => one.seq)).toEqual([7])
  })

  it('stops at a hole and asks again from there', () => {
    const outcome = takeEvents(at(4), [event(5), event(8)])
    expect(outcome.fresh.map((one) => one.seq)).toEqual([5])
    expect(outcome).toMatchObject({ cursor: at(5), next: 'ask-again' })
  })

  it('waits for the first answer', () => {
    expect(takeEvents(null, [event(1)])).toMatchObject({ cursor: null, fresh: [], next: 'go-on' })
  })

  it('passes on what has no number at any time, and stays where it is', () => {
    expect(takeEvents(null, [event(null)])).toMatchObject({ cursor: null, fresh: [event(null)], next: 'go-on' })
    const outcome = takeEvents(at(4), [event(null), event(5), event(null), event(7), event(null)])
    expect(outcome.fresh.map((one) => one.seq)).toEqual([null, 5, null, null])
    expect(outcome).toMatchObject({ cursor: at(5), next: 'ask-again' })
  })
})

describe('takeAnswer', () => {
  it('starts at the top', () => {
    expect(takeAnswer(null, at(9))).toMatchObject({ cursor: at(9), next: 'go-on' })
  })

  it('goes on where it stopped', () => {
    expect(takeAnswer(at(5), at(9))).toMatchObject({ cursor: at(5), next: 'go-on' })
  })

  it('reloads after a reset, in another epoch, and behind a top that went back', () => {
    expect(takeAnswer(at(5), { ...at(9), reset: true })).toMatchObject({ cursor: at(9), next: 'reload' })
    expect(takeAnswer(at(5), at(9, 2))).toMatchObject({ cursor: at(9, 2), next: 'reload' })
    expect(takeAnswer(at(5), at(3))).toMatchObject({ cursor: at(3), next: 'reload' })
  })
})
