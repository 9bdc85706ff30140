import { describe, expect, it } from 'vitest'
import { goesBack, looksOtherwise, mergeProgress, stepsOf, type Processing, type ProcessingEvent } from './progress'
import { tokenize } from './richText'
import { fitted } from './shrink'

const video: Processing = {
  status: 'transcoding',
  progress: 40,
  is_playable: true,
  reason: null,
  qualities: [{ label: '720p', progress: 40, status: 'working' }],
}
const event = (more: Partial<ProcessingEvent>): ProcessingEvent => ({
  video_id: 'v1',
  status: 'transcoding',
  progress: 50,
  is_playable: true,
  qualities: [{ label: '720p', progress: 55, status: 'working' }],
  ...more,
})

describe('looksOtherwise', () => {
  it('is told by the path of the picture and by who may see it', () => {
    const shown = { visibility: 'private', poster_url: '/media/token/v1/1/poster.jpg' }
    expect(looksOtherwise(shown, event({}))).toBe(false)
    expect(looksOtherwise(shown, event({ poster: '1/poster.jpg', visibility: 'private' }))).toBe(false)
    expect(looksOtherwise(shown, event({ poster: 'poster/2.jpg' }))).toBe(true)
    expect(looksOtherwise({ ...shown, poster_url: null }, event({ poster: '1/poster.jpg' }))).toBe(true)
    expect(looksOtherwise(shown, event({ visibility: 'public' }))).toBe(true)
  })
})

describe('mergeProgress', () => {
  it('takes what is newer', () => {
    const merged = mergeProgress(video, event({}))
    expect(merged.progress).toBe(50)
    expect(merged.qualities[0]?.progress).toBe(55)
  })

  it('never goes back, whatever the order', () => {
    expect(mergeProgress(video, event({ progress: 10 })).progress).toBe(40)
    expect(mergeProgress(video, event({ is_playable: false })).is_playable).toBe(true)
    expect(mergeProgress(video, event({ status: 'probing', progress: 90 }))).toBe(video)
    const late = event({ qualities: [{ label: '720p', progress: 5, status: 'pending' }] })
    expect(mergeProgress(video, late).qualities[0]).toMatchObject({ progress: 40, status: 'working' })
  })

  it('ends in ready or in failed with its reason, and stays there', () => {
    const failed = mergeProgress(video, event({ status: 'failed', reason: 'no_video_stream' }))
    expect(failed).toMatchObject({ status: 'failed', reason: 'no_video_stream' })
    expect(mergeProgress(failed, event({ status: 'ready' }))).toBe(failed)
    expect(goesBack(failed, event({ status: 'queued' }))).toBe(true)
    const ready = mergeProgress(video, event({ status: 'ready', progress: 100 }))
    expect(mergeProgress(ready, event({ progress: 99 }))).toBe(ready)
  })

  it('keeps the list of qualities when an event brings none, and takes new ones', () => {
    expect(mergeProgress(video, event({ qualities: [] })).qualities).toEqual(video.qualities)
    const more = event({ qualities: [...video.qualities, { label: '360p', progress: 0, status: 'pending' }] })
    expect(mergeProgress(video, more).qualities).toHaveLength(2)
  })

  it('ignores a state it does not know', () => {
    expect(mergeProgress(video, event({ status: 'dreaming' }))).toBe(video)
  })
})

describe('stepsOf', () => {
  const names = (state: Processing, percent: number | null = null) =>
    stepsOf(state, percent).map((step) => `${step.label || step.key}:${step.state}`)

  it('ticks off one after the other', () => {
    const none = { ...video, is_playable: false, qualities: [], progress: 0 }
    expect(names({ ...none, status: 'uploading' }, 30)).toEqual(['uploaded:doing', 'checked:todo', 'playable:todo'])
    expect(names({ ...none, status: 'probing' })).toEqual(['uploaded:done', 'checked:doing', 'playable:todo'])
    expect(names({ ...video, is_playable: false })).toEqual([
      'uploaded:done',
      'checked:done',
      'playable:doing',
      '720p:doing',
    ])
    const done = { ...video, status: 'ready', qualities: [{ label: '720p', progress: 100, status: 'ready' }] }
    expect(names(done)).toEqual(['uploaded:done', 'checked:done', 'playable:done', '720p:done'])
  })

  it('shows no work while no bytes travel', () => {
    const waiting = { ...video, status: 'uploading', is_playable: false, qualities: [], progress: 0 }
    expect(stepsOf(waiting, 0, true)[0]).toMatchObject({ key: 'uploaded', state: 'todo', percent: null })
  })

  it('shows what is waited for while the transcoder has not begun', () => {
    const qualities = ['720p', '360p'].map((label) => ({ label, progress: 0, status: 'pending' }))
    expect(names({ ...video, qualities }).slice(3)).toEqual(['720p:doing', '360p:todo'])
    const begun = [{ label: '720p', progress: 100, status: 'ready' }, ...qualities.slice(1)]
    expect(names({ ...video, qualities: begun }).slice(3)).toEqual(['720p:done', '360p:doing'])
    expect(names({ ...video, status: 'queued', qualities }).slice(3)).toEqual(['720p:todo', '360p:todo'])
  })

  it('marks the step that failed', () => {
    const failed = { ...video, status: 'failed', is_playable: false, qualities: [] }
    expect(names(failed)).toEqual(['uploaded:done', 'checked:failed', 'playable:todo'])
    const late = { ...failed, qualities: video.qualities }
    expect(names(late)).toEqual(['uploaded:done', 'checked:done', 'playable:failed', '720p:failed'])
  })
})

describe('tokenize', () => {
  it('finds links and times and keeps everything else as text', () => {
    expect(tokenize('Intro 0:15, see https://a.example/x?y=1. Ende')).toEqual([
      { kind: 'text', text: 'Intro ' },
      { kind: 'time', text: '0:15', seconds: 15 },
      { kind: 'text', text: ', see ' },
      { kind: 'link', text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1' },
      { kind: 'text', text: '. Ende' },
    ])
  })

  it('keeps brackets that belong to the address', () => {
    const [, link] = tokenize('(https://en.example/wiki/A_(b))')
    expect(link).toMatchObject({ text: 'https://en.example/wiki/A_(b)' })
  })

  it('makes no link of anything but the web', () => {
    for (const text of ['javascript:alert(1)', 'data:text/html,x', '<a href="x">', 'https://', 'https://u:p@evil.example'])
      expect(tokenize(text).every((token) => token.kind !== 'link')).toBe(true)
  })

  it('ends a link at full-width punctuation', () => {
    expect(tokenize('請看https://a.example/影片。謝謝')[1]).toMatchObject({ text: 'https://a.example/影片' })
  })

  it('takes no time beyond the end, none in a longer number, none inside a link', () => {
    expect(tokenize('at 9:59', 60)).toEqual([{ kind: 'text', text: 'at 9:59' }])
    expect(tokenize('1:2:3:4 ratio 16:9 12:345').every((token) => token.kind === 'text')).toBe(true)
    expect(tokenize('https://a.example/1:30')).toHaveLength(1)
  })
})

describe('fitted', () => {
  it('keeps the shape and never grows', () => {
    expect(fitted(4000, 3000)).toEqual({ width: 1280, height: 960 })
    expect(fitted(1000, 3000)).toEqual({ width: 427, height: 1280 })
    expect(fitted(320, 180)).toEqual({ width: 320, height: 180 })
    expect(fitted(9000, 1)).toEqual({ width: 1280, height: 1 })
  })
})
