import { describe, expect, it } from 'vitest'
import { wayOut } from './holes'

const loaded = [
  { start: 0, end: 6 },
  { start: 6, end: 12 },
  { start: 12, end: 14 },
]

describe('wayOut', () => {
  it('goes to what can be played next, or past the segment in which sound or picture is missing', () => {
    expect(wayOut(2.06, loaded, [{ start: 0, end: 2.1 }, { start: 11, end: 14 }])).toBe(6)
    expect(wayOut(6, loaded, [{ start: 0, end: 2.1 }, { start: 11, end: 14 }])).toBe(11)
    expect(wayOut(4.06, loaded, [{ start: 0, end: 4.06 }])).toBe(6)
  })

  it('takes a place at a segment’s very end for the next one', () => {
    expect(wayOut(11.94, loaded, [{ start: 0, end: 11.95 }])).toBe(14)
  })

  it('ends a video whose last sound is long over', () => {
    expect(wayOut(12, loaded, [])).toBe(14)
  })

  it('waits for what was not loaded yet', () => {
    expect(wayOut(14, loaded, [{ start: 0, end: 14 }])).toBeNull()
    expect(wayOut(3, [], [])).toBeNull()
    expect(wayOut(5.95, loaded.slice(0, 1), [{ start: 0, end: 6 }])).toBeNull()
  })
})
