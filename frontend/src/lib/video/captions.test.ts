import { describe, expect, it } from 'vitest'
import { captionProblem, captionType, preview } from './captions'

describe('captions', () => {
  it('are WebVTT or SubRip, of a language, and not too large', () => {
    const file = (name: string, size = 10) => ({ name, size })
    expect(captionProblem('ko', file('a.VTT'), 100)).toBeNull()
    expect(captionProblem('zh-TW', file('a.b.srt'), null)).toBeNull()
    expect(captionProblem('ko', file('a.txt'), 100)).toBe('not_captions')
    expect(captionProblem('ko', file('a.srt', 101), 100)).toBe('too_large')
    expect(captionProblem('korean!', file('a.srt'), 100)).toBe('bad_language')
    expect([captionType('x.srt'), captionType('x.vtt'), captionType('srt')]).toEqual([
      'application/x-subrip',
      'text/vtt',
      'application/x-subrip',
    ])
  })

  it('show what a reading makes of them, without numbers and times', () => {
    const hello = [0xbe, 0xc8, 0xb3, 0xe7]
    const head = [...new TextEncoder().encode('1\r\n00:00:01,000 --> 00:00:02,000\r\n')]
    const bytes = new Uint8Array([...head, ...hello, 13, 10]).buffer
    expect(preview(bytes, 'euc-kr')).toBe('안녕')
    expect(preview(bytes, 'windows-1252')).toBe('¾È³ç')
  })
})
