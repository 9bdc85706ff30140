import { describe, expect, it, vi } from 'vitest'
import { reconnectDelay } from './backoff'
import { deviceOf } from './device'
import { safeNext } from './nextPage'
import { singleFlight } from './once'
import { passwordStrength } from './password'
import { barChart, niceTop } from './studio/chart'
import { placeEvent } from './studio/place'

describe('safeNext', () => {
  it('stays on this site', () => {
    expect(safeNext('/videos?q=1#x')).toBe('/videos?q=1#x')
    for (const bad of ['//evil.example', '/\\evil.example', '/\t/evil.example', 'https://evil.example', 'javascript:1', '', null, ['/a'], '/login'])
      expect(safeNext(bad)).toBe('/')
  })
})

describe('singleFlight', () => {
  it('runs once for all who ask meanwhile, and again afterwards', async () => {
    const run = vi.fn(() => Promise.resolve(1))
    const once = singleFlight(run)
    await Promise.all([once(), once()])
    expect(run).toHaveBeenCalledTimes(1)
    await once()
    expect(run).toHaveBeenCalledTimes(2)
  })
})

describe('passwordStrength', () => {
  it('goes by length and variety, and sees through names', () => {
    expect(passwordStrength('short')).toBe('short')
    expect(passwordStrength('password12345')).toBe('weak')
    expect(passwordStrength('aaaaaaaaaaaaaaaa')).toBe('weak')
    expect(passwordStrength('mika-is-the-best-77', ['mika'])).toBe('weak')
    expect(passwordStrength('Harbour27x')).toBe('fair')
    expect(passwordStrength('quiet river stones 7')).toBe('strong')
  })
})

describe('reconnectDelay', () => {
  it('doubles up to half a minute, half of it by chance', () => {
    expect(reconnectDelay(0, () => 0)).toBe(250)
    expect(reconnectDelay(2, () => 1)).toBe(2000)
    expect(reconnectDelay(50, () => 1)).toBe(30_000)
  })
})

describe('deviceOf', () => {
  it('tells browsers and systems apart', () => {
    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'
    expect(deviceOf(chrome)).toEqual({ browser: 'Chrome', system: 'Linux' })
    expect(deviceOf(`${chrome} Edg/140.0`).browser).toBe('Edge')
    expect(deviceOf('curl/8')).toEqual({ browser: null, system: null })
  })
})

describe('barChart', () => {
  it('fits every day in and keeps small days visible', () => {
    const chart = barChart([{ day: '2026-11-20', views: 1 }, { day: '2026-11-21', views: 900 }], 100, 50)
    expect(chart.total).toBe(901)
    expect(chart.bars[0]?.height).toBe(2)
    expect(chart.bars[1]?.height).toBe(45)
    expect(chart.lines.map((line) => line.value)).toEqual([0, 500, 1000])
    expect(barChart([], 100, 50).bars).toEqual([])
  })

  it('rounds the top up', () => {
    expect([0, 1, 3, 11, 21, 450, 1000].map(niceTop)).toEqual([2, 2, 4, 20, 40, 500, 1000])
  })
})

describe('placeEvent', () => {
  const quality = { label: '720p', width: 1280, height: 720, bitrate: 1, status: 'working', progress: 10 }
  const video = { id: 'v1', status: 'transcoding', progress: 10, is_playable: false, visibility: 'private', poster_url: null, reason: null, qualities: [quality] }
  const event = { video_id: 'v1', status: 'transcoding', progress: 40, is_playable: true, qualities: [{ label: '720p', status: 'working', progress: 40 }] }

  it('brings an event into the list and keeps what events do not carry', () => {
    const videos = [{ ...video }]
    expect(placeEvent(videos, event)).toBe('merged')
    expect(videos[0]).toMatchObject({ progress: 40, is_playable: true, qualities: [{ ...quality, progress: 40 }] })
  })

  it('asks for the rest when a video has become ready, was set back, or is not known', () => {
    expect(placeEvent([{ ...video }], { ...event, status: 'ready', progress: 100 })).toBe('ask-again')
    expect(placeEvent([{ ...video, status: 'failed' }], event)).toBe('ask-again')
    expect(placeEvent([{ ...video }], { ...event, poster: '1/poster.jpg' })).toBe('ask-again')
    expect(placeEvent([], event)).toBe('unknown')
  })
})
