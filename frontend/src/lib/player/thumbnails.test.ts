import { describe, expect, it } from 'vitest'
import { cueSeconds, parseThumbnails, thumbnailAt } from './thumbnails'

const BASE = 'https://tv.example/media/-/abc/1/thumbs/thumbs.vtt'
const TEXT = `WEBVTT

00:00:00.000 --> 00:00:10.000
sprite_001.jpg#xywh=0,0,160,90

2
00:00:10.000 --> 00:00:20.000 align:start
sprite_001.jpg#xywh=160,0,160,90

01:00:20.500 --> 01:00:30.000
/other/sprite_002.jpg#xywh=pixel:0,90,160,90
`

describe('parseThumbnails', () => {
  it('reads rectangles and resolves addresses against the file', () => {
    const found = parseThumbnails(TEXT, BASE)
    expect(found).toHaveLength(3)
    expect(found[1]).toEqual({
      start: 10,
      end: 20,
      url: 'https://tv.example/media/-/abc/1/thumbs/sprite_001.jpg',
      x: 160,
      y: 0,
      width: 160,
      height: 90,
    })
    expect(found[2]?.url).toBe('https://tv.example/other/sprite_002.jpg')
    expect(found[2]?.start).toBe(3620.5)
  })

  it('takes Windows line ends, a byte order mark and short times', () => {
    const text = '\uFEFFWEBVTT\r\n\r\n00:05.000 --> 00:07.250\r\ns.jpg#xywh=1,2,3,4\r\n'
    expect(parseThumbnails(text, BASE)[0]).toMatchObject({ start: 5, end: 7.25, x: 1, height: 4 })
  })

  it('leaves out what it cannot use', () => {
    const bad = (payload: string) => parseThumbnails(`WEBVTT\n\n00:00.000 --> 00:01.000\n${payload}\n`, BASE)
    expect(bad('s.jpg')).toEqual([])
    expect(bad('s.jpg#xywh=0,0,0,90')).toEqual([])
    expect(bad('javascript:alert(1)#xywh=0,0,1,1')).toEqual([])
    expect(parseThumbnails('WEBVTT\n\n00:02.000 --> 00:01.000\ns.jpg#xywh=0,0,1,1', BASE)).toEqual([])
    expect(parseThumbnails('<html>', BASE)).toEqual([])
  })

  it('reads cue times', () => {
    expect(cueSeconds('00:01.500')).toBe(1.5)
    expect(cueSeconds('01:01:01,250')).toBe(3661.25)
  })
})

describe('thumbnailAt', () => {
  const found = parseThumbnails(TEXT, BASE)

  it('finds the picture of a time, the one before in a hole, the first before the start', () => {
    expect(thumbnailAt(found, 9.99)?.start).toBe(0)
    expect(thumbnailAt(found, 10)?.start).toBe(10)
    expect(thumbnailAt(found, 500)?.start).toBe(10)
    expect(thumbnailAt(found, 99_999)?.start).toBe(3620.5)
    expect(thumbnailAt(found, -1)?.start).toBe(0)
    expect(thumbnailAt([], 5)).toBeNull()
  })
})
