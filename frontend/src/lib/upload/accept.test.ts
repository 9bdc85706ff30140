import { describe, expect, it } from 'vitest'
import { acceptList, contentTypeOf, refuse } from './accept'
import { bytesOf, doneParts, missingParts, rangeOf } from './parts'

describe('refuse', () => {
  const rules = { upload_extensions: ['mp4', 'mkv'], upload_max_bytes: 100 }

  it('names the reason before anything is sent', () => {
    expect(refuse({ name: 'a.MP4', size: 100 }, rules)).toBeNull()
    expect(refuse({ name: 'a.mp4', size: 101 }, rules)).toBe('too_large')
    expect(refuse({ name: 'a.mp4', size: 0 }, rules)).toBe('empty')
    expect(refuse({ name: 'a.exe', size: 5 }, rules)).toBe('wrong_type')
    expect(refuse({ name: 'mp4', size: 5 }, rules)).toBe('wrong_type')
  })

  it('leaves it to the service until the rules are known', () => {
    expect(refuse({ name: 'a.mxf', size: 2 ** 40 }, null)).toBeNull()
    expect(refuse({ name: 'a.mxf', size: 0 }, null)).toBe('empty')
  })

  it('lists extensions for the file picker', () => {
    expect(acceptList(rules)).toBe('.mp4,.mkv')
    expect(acceptList(null)).toBeUndefined()
  })

  it('fills in the type where the browser knows none', () => {
    expect(contentTypeOf({ name: 'a.mkv', type: '' })).toBe('video/x-matroska')
    expect(contentTypeOf({ name: 'a.mkv', type: 'video/webm' })).toBe('video/webm')
    expect(contentTypeOf({ name: 'a.bin', type: '' })).toBe('application/octet-stream')
  })
})

describe('parts', () => {
  const plan = { size: 25, partSize: 10, partCount: 3 }

  it('cuts a file without gaps', () => {
    expect([1, 2, 3].map((n) => rangeOf(plan, n))).toEqual([
      { n: 1, start: 0, end: 10, size: 10 },
      { n: 2, start: 10, end: 20, size: 10 },
      { n: 3, start: 20, end: 25, size: 5 },
    ])
  })

  it('counts only parts of the right size as done', () => {
    const done = doneParts(plan, [{ n: 1, size: 10 }, { n: 3, size: 10 }, { n: 9, size: 10 }])
    expect([...done]).toEqual([1])
    expect(missingParts(plan, done)).toEqual([2, 3])
    expect(bytesOf(plan, [1, 3])).toBe(15)
  })
})
