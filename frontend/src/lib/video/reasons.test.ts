import { describe, expect, it } from 'vitest'
import { isWorthRetry } from './reasons'

describe('why a video failed', () => {
  it('is tried again only where that may help', () => {
    expect(isWorthRetry('transcoder_failed')).toBe(true)
    expect(isWorthRetry('minutes_used_up')).toBe(true)
    expect(isWorthRetry('a reason of a later release')).toBe(true)
    expect(isWorthRetry(null)).toBe(true)
    expect(isWorthRetry('unsupported_codec')).toBe(false)
  })
})
