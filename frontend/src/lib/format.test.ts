import { describe, expect, it } from 'vitest'
import { formatAgo, formatBytes, formatCount, formatDay, formatDuration, formatMinute, formatMoment, formatPercent, formatTime, formatZone } from './format'

describe('formats', () => {
  it('counts in full up to ten thousand, then shortly', () => {
    expect(formatCount(9999, 'en')).toBe('9,999')
    expect(formatCount(12_345, 'en')).toBe('12.3K')
    expect(formatCount(12_345, 'zh-TW')).toBe('1.2萬')
    expect(formatCount(12_345, 'ko')).toBe('1.2만')
  })

  it('names sizes', () => {
    expect(formatBytes(0, 'en')).toBe('0 bytes')
    expect(formatBytes(999, 'en')).toBe('999 bytes')
    expect(formatBytes(1_240_000, 'en')).toBe('1.2 MB')
    expect(formatBytes(20 * 1024 ** 3, 'en')).toBe('21 GB')
  })

  it('tells how long ago', () => {
    const now = Date.parse('2026-11-21T12:00:00Z')
    expect(formatAgo('2026-11-21T11:59:30Z', 'en', now)).toBe('30 seconds ago')
    expect(formatAgo('2026-11-21T12:05:00Z', 'en', now)).toBe('now')
    expect(formatAgo('2026-11-21T09:00:00Z', 'en', now)).toBe('3 hours ago')
    expect(formatAgo('2026-11-20T11:00:00Z', 'ko', now)).toBe('어제')
  })

  it('leaves a calendar day where it is', () => {
    expect(formatDay('2026-11-01', 'en')).toBe('Nov 1')
  })

  it('says lengths and shares in words', () => {
    expect(formatDuration(3665, 'en')).toBe('1 hour, 1 minute, 5 seconds')
    expect(formatDuration(0, 'en')).toBe('0 seconds')
    // As the clock beside it: 0:59.
    expect(formatDuration(59.6, 'en')).toBe('59 seconds')
    expect(formatPercent(42, 'en')).toBe('42%')
  })

  it('names the zone that a time is told in', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
    expect(formatZone(new Date('2026-11-21T12:00:00Z'), 'en')).toMatch(new RegExp(`^${timeZone} \\((GMT|UTC).*\\)$`))
    expect(formatMoment('2026-11-21T12:00:00Z', 'en')).toMatch(/2026.*[AP]M [A-Z]/)
  })
})

describe('times of day', () => {
  it('have 24 hours in Chinese', () => {
    const at = new Date(2026, 10, 30, 5, 8, 4).getTime()
    expect([formatMinute(at, 'zh-TW'), formatTime(at, 'zh-TW')]).toEqual(['05:08', '05:08:04'])
    expect(formatMinute(at, 'en')).toMatch(/^5:08.AM$/)
  })
})
