import { describe, expect, it } from 'vitest'
import { clock, parseClock, parseStart } from './clock'
import { folderOf, moveUrl, pickEngine } from './engine'
import { problemOf, problemOfStatus, renewIn } from './playback'
import { levelFor, qualityChoices } from './qualities'
import { guestPosition, isWorthResuming, positionToSave, saveGuestPosition, startAt } from './resume'
import { stallReason } from './stall'
import { tapSide } from './taps'
import { watchedMeter } from './watched'

describe('clock', () => {
  it('prints and reads times', () => {
    expect([0, 75, 3675, 36_000, Number.NaN].map(clock)).toEqual(['0:00', '1:15', '1:01:15', '10:00:00', '0:00'])
    expect(parseClock('1:01:15')).toBe(3675)
    expect(parseClock('90:00')).toBe(5400)
    expect(parseClock('1:75')).toBeNull()
    expect(parseClock('1:60:00')).toBeNull()
  })

  it('reads the start asked for in an address', () => {
    expect(['90', '90s', '1m30s', '1:30', '1h'].map(parseStart)).toEqual([90, 90, 90, 90, 3600])
    expect(['', null, undefined, 'soon', '-5'].map(parseStart)).toEqual([null, null, null, null, null])
  })
})

describe('engine', () => {
  const none = { hasMse: false, playsHls: false, isApple: false }

  it('prefers hls.js, the system player in Safari, and a file when there is no playlist', () => {
    expect(pickEngine(false, { hasMse: true, playsHls: true, isApple: true })).toBe('progressive')
    expect(pickEngine(true, { hasMse: true, playsHls: true, isApple: false })).toBe('hls')
    expect(pickEngine(true, { hasMse: true, playsHls: true, isApple: true })).toBe('native')
    expect(pickEngine(true, { ...none, playsHls: true })).toBe('native')
    expect(pickEngine(true, none)).toBe('progressive')
  })

  it('moves addresses of the old token to the new one', () => {
    const before = folderOf('https://tv/media/old/abc/1/hls/master.m3u8?x=/y')
    const after = folderOf('https://tv/media/new/abc/1/hls/master.m3u8')
    expect(moveUrl('https://tv/media/old/abc/1/hls/720p_00001.ts', before, after)).toBe(
      'https://tv/media/new/abc/1/hls/720p_00001.ts',
    )
    expect(moveUrl('https://cdn/other.ts', before, after)).toBe('https://cdn/other.ts')
  })
})

describe('qualities', () => {
  const levels = [
    { index: 0, width: 640, height: 360, bitrate: 700_000 },
    { index: 1, width: 1280, height: 720, bitrate: 2_800_000 },
    { index: 2, width: 480, height: 854, bitrate: 1_400_000 },
  ]

  it('lists the best first, named by the short side', () => {
    expect(qualityChoices(levels).map((choice) => choice.label)).toEqual(['720p', '480p', '360p'])
  })

  it('finds the remembered quality or the next below', () => {
    expect(levelFor(levels, '720p')).toBe(1)
    expect(levelFor(levels, '1080p')).toBe(1)
    expect(levelFor(levels, '500p')).toBe(2)
    expect(levelFor(levels, '240p')).toBe(0)
    expect(levelFor(levels, 'auto')).toBe(-1)
    expect(levelFor([], '720p')).toBe(-1)
  })
})

describe('resume', () => {
  it('starts at the time asked for, else where I left, else at the beginning', () => {
    expect(startAt(42, 100, 600)).toBe(42)
    expect(startAt(900, 100, 600)).toBe(0)
    expect(startAt(null, 100, 600)).toBe(100)
    expect(startAt(null, 4, 600)).toBe(0)
    expect(startAt(null, 590, 600)).toBe(0)
    expect(startAt(null, null, null)).toBe(0)
  })

  it('forgets the place when the video is over', () => {
    expect(isWorthResuming(50, 60)).toBe(true)
    expect(positionToSave(58, 60)).toBe(0)
    expect(positionToSave(50.9, 60)).toBe(50)
  })

  it('keeps the places of guests', () => {
    const values = new Map<string, string>()
    const store = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    }
    for (let i = 0; i < 250; i++) saveGuestPosition(store, `v${i}`, i + 1)
    expect(guestPosition(store, 'v249')).toBe(250)
    expect(guestPosition(store, 'v0')).toBeNull()
    saveGuestPosition(store, 'v249', 0)
    expect(guestPosition(store, 'v249')).toBeNull()
  })
})

describe('stallReason', () => {
  const facts = { isOnline: true, seconds: 0, hasStarted: true, failures: 0 }

  it('says why the picture stands still', () => {
    expect(stallReason(facts)).toBeNull()
    expect(stallReason({ ...facts, seconds: 4 })).toBe('slow')
    expect(stallReason({ ...facts, seconds: 4, hasStarted: false })).toBe('loading')
    expect(stallReason({ ...facts, isOnline: false })).toBe('offline')
    expect(stallReason({ ...facts, failures: 2 })).toBe('server')
  })
})

describe('watchedMeter', () => {
  it('adds up what was played and nothing that was jumped over', () => {
    const meter = watchedMeter()
    for (let time = 0; time <= 2; time += 0.25) meter.tick(time, 1)
    expect(meter.tick(60, 1)).toBeCloseTo(2)
    expect(meter.tick(60.5, 1)).toBeCloseTo(2.5)
    meter.cut()
    expect(meter.tick(61, 1)).toBeCloseTo(2.5)
    expect(meter.tick(10, 1)).toBeCloseTo(2.5)
  })

  it('counts the time of the watcher, not of the video', () => {
    const meter = watchedMeter()
    for (let time = 0; time <= 4; time += 0.5) meter.tick(time, 2)
    expect(meter.tick(4, 2)).toBeCloseTo(2)
  })
})

describe('playback', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')

  it('asks for new addresses a minute early, half-way when there is less', () => {
    expect(renewIn('2026-01-01T01:00:00Z', now)).toBe(3_540_000)
    expect(renewIn('2026-01-01T00:01:00Z', now)).toBe(30_000)
    expect(renewIn('2025-12-31T00:00:00Z', now)).toBe(1000)
    expect(renewIn(null, now)).toBeNull()
    expect(renewIn('2126-01-01T00:00:00Z', now)).toBe(2_000_000_000)
  })

  it('names what a media error means', () => {
    expect([2, 3, 4, 1, undefined].map(problemOf)).toEqual(['network', 'decode', 'unsupported', 'unknown', 'unknown'])
  })
})

describe('tapSide', () => {
  it('cuts the picture in thirds', () => {
    expect([10, 150, 290].map((x) => tapSide(x, 300))).toEqual(['left', 'middle', 'right'])
  })
})

describe('problemOfStatus', () => {
  it('blames the connection only when no answer came', () => {
    expect([404, 500, 503, 429, 0, null].map(problemOfStatus)).toEqual(['gone', 'service', 'service', 'service', 'network', 'network'])
  })
})
