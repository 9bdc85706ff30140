import { describe, expect, it } from 'vitest'
import { formatCountdown } from '@/lib/format'
import { serverUrl } from './ingest'
import { mergeOnAir } from './merge'
import { addSample, lineChart, type Sample } from './samples'
import { keepSamples, recallSamples } from './sampleStore'
import { fromLocalInput, likelyStart, secondsUntil, startProblem, toLocalInput } from './schedule'
import { readWords } from './words'

const on = (id: string, hour: number, viewers = 0) => ({ id, viewers, started_at: `2026-11-25T${String(hour).padStart(2, '0')}:00:00Z` })

describe('mergeOnAir', () => {
  it('keeps places, takes new numbers, drops what ended, puts new ones last', () => {
    const shown = [on('c', 12), on('b', 11), on('a', 10)]
    const merged = mergeOnAir(shown, [on('d', 13), on('c', 12, 5), on('a', 10, 7)], true)
    expect(merged.map((live) => `${live.id}${live.viewers}`)).toEqual(['c5', 'a7', 'd0'])
  })

  it('leaves alone what lies further down than the fresh page reaches', () => {
    const shown = [on('c', 12), on('b', 11), on('a', 10)]
    expect(mergeOnAir(shown, [on('c', 12), on('x', 11)], false).map((live) => live.id)).toEqual(['c', 'a', 'x'])
  })

  it('empties when nothing is on air', () => {
    expect(mergeOnAir([on('a', 1)], [], true)).toEqual([])
  })
})

describe('samples of viewers', () => {
  const many = (count: number, viewers = (n: number) => n) => {
    let samples: Sample[] = []
    for (let n = 0; n < count; n++) samples = addSample(samples, { at: n * 5000, viewers: viewers(n) })
    return samples
  }

  it('shows the newest number without a point for each', () => {
    const samples = addSample(addSample([], { at: 0, viewers: 1 }), { at: 500, viewers: 9 })
    expect(samples).toEqual([{ at: 0, viewers: 9 }])
  })

  it('thins out and loses neither the ends nor the peak', () => {
    const samples = many(5000, (n) => (n === 1234 ? 999 : 3))
    expect(samples.length).toBeLessThanOrEqual(240)
    expect(samples[0]?.at).toBe(0)
    expect(samples.at(-1)?.at).toBe(4999 * 5000)
    expect(Math.max(...samples.map((sample) => sample.viewers))).toBe(999)
  })

  it('draws from the left edge to the right', () => {
    const chart = lineChart([{ at: 0, viewers: 0 }, { at: 100, viewers: 4 }], 4, 200, 50)
    expect(chart).toMatchObject({ points: '0,50 200,0', peak: 4 })
    expect(chart.lines.map((line) => line.value)).toEqual([0, 2, 4])
    expect(lineChart([{ at: 7, viewers: 2 }], 4, 200, 50).points).toBe('0,25 200,25')
    expect(lineChart([], 2, 200, 50).points).toBe('')
  })
})

describe('kept samples', () => {
  it('are there after a reload, each live its own; what is unreadable is none', () => {
    keepSamples('a', [{ at: 1, viewers: 2 }])
    expect(recallSamples('a')).toEqual([{ at: 1, viewers: 2 }])
    expect(recallSamples('b')).toEqual([])
    sessionStorage.setItem('trunkline.viewers.c', '{"no": [')
    sessionStorage.setItem('trunkline.viewers.d', '[[1], "x", [3, 4]]')
    expect(recallSamples('c')).toEqual([])
    expect(recallSamples('d')).toEqual([{ at: 3, viewers: 4 }])
  })
})

describe('times', () => {
  it('go into the input and come back the same', () => {
    expect(fromLocalInput(toLocalInput('2026-11-25T18:30:00.000Z'))).toBe('2026-11-25T18:30:00.000Z')
    expect(toLocalInput(null)).toBe('')
    expect(fromLocalInput('')).toBeNull()
    expect(fromLocalInput('soon')).toBeNull()
  })

  it('suggest a full hour that leaves time to prepare', () => {
    expect(likelyStart(Date.parse('2026-11-25T18:20:00Z'))).toBe('2026-11-25T19:00:00.000Z')
    expect(likelyStart(Date.parse('2026-11-25T18:40:00Z'))).toBe('2026-11-25T20:00:00.000Z')
  })

  it('are refused with a reason', () => {
    const now = Date.parse('2026-11-25T18:20:00Z')
    const at = (iso: string) => startProblem(toLocalInput(iso), now)
    expect([startProblem('', now), at('2026-11-25T18:20:00Z'), at('2026-11-25T18:21:00Z')]).toEqual(['timeNeeded', 'timePast', null])
  })

  it('count down', () => {
    const now = Date.parse('2026-11-25T18:00:00Z')
    expect(secondsUntil('2026-11-25T18:00:09.200Z', now)).toBe(10)
    expect(secondsUntil('2026-11-25T17:00:00Z', now)).toBe(0)
    expect(formatCountdown(11_229, 'en')).toBe('3:07:09')
    expect(formatCountdown(2 * 86_400 + 3 * 3600 + 5, 'en')).toBe('2 days, 3 hr')
    expect(formatCountdown(86_400, 'ko')).toBe('1일')
  })
})

describe('serverUrl', () => {
  it('is on the host of the page, whatever its form', () => {
    expect(serverUrl('live.example.org')).toBe('rtmp://live.example.org/live')
    expect(serverUrl('[::1]')).toBe('rtmp://[::1]/live')
  })
})

describe('readWords', () => {
  it('takes lines and commas, once each', () => {
    expect(readWords(' spam \nfoo, bar，詐騙\n\nspam')).toEqual(['spam', 'foo', 'bar', '詐騙'])
  })
})
