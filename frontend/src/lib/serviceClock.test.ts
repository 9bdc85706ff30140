import { afterEach, describe, expect, it } from 'vitest'
import { learnTime, toServiceTime } from './serviceClock'

const NOON = Date.parse('2026-11-30T12:00:00Z')
const HOUR = 3_600_000

afterEach(() => learnTime(new Date(NOON).toUTCString(), NOON, NOON + 20))

describe('the clock of the service', () => {
  it('is told by an answer, however wrong the browser is', () => {
    learnTime(new Date(NOON).toUTCString(), NOON - 3 * HOUR, NOON - 3 * HOUR + 100)
    expect(Math.abs(toServiceTime(NOON - 3 * HOUR) - NOON)).toBeLessThan(1000)
    // The next second is no other time: a countdown does not jump.
    const before = toServiceTime(0)
    learnTime(new Date(NOON + 1000).toUTCString(), NOON - 3 * HOUR + 400, NOON - 3 * HOUR + 500)
    expect(toServiceTime(0)).toBe(before)
  })

  it('is the browser’s where they agree, and says nothing from slow or silent answers', () => {
    learnTime(new Date(NOON).toUTCString(), NOON + 900, NOON + 950)
    expect(toServiceTime(NOON)).toBe(NOON)
    learnTime(new Date(NOON + HOUR).toUTCString(), NOON, NOON + 5000)
    learnTime(null, NOON, NOON + 10)
    expect(toServiceTime(NOON)).toBe(NOON)
  })
})
