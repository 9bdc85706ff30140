import { createPinia, setActivePinia } from 'pinia'
import { createApp, defineComponent, h, ref, type App } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/problem'
import type * as engines from '@/lib/player/engine'
import { browserAbilities } from '@/lib/player/engine'
import type { PlaybackSource } from '@/lib/player/playback'
import { usePlayerChoice } from '@/stores/playerChoice'
import { openHls, type HlsListener, type HlsPlayer } from './usePlayerHls'
import { usePlayerSource } from './usePlayerSource'

vi.mock('./usePlayerHls')
vi.mock('@/lib/storage', () => ({ readItem: () => null, writeItem: () => undefined }))
vi.mock('@/lib/player/engine', async (original) => ({
  ...(await original<typeof engines>()),
  browserAbilities: vi.fn(),
}))

const HLS = 'https://media.example/a/master.m3u8'
const FILE = 'https://media.example/a/movie.mp4'
const source = (more: Partial<PlaybackSource> = {}): PlaybackSource => ({
  hls_url: null, progressive_url: FILE, poster_url: null, sprite_vtt_url: null, captions: [], expires_at: null, ...more,
})
const in_ = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const settle = () => vi.advanceTimersByTimeAsync(0)

/** What the test plays the part of: the browser's element and the library's player. */
function stage() {
  const element = document.createElement('video')
  const state = { paused: true, ready: 0, error: null as { code: number } | null }
  Object.defineProperties(element, {
    paused: { get: () => state.paused },
    readyState: { get: () => state.ready },
    error: { get: () => state.error },
    play: { value: vi.fn(() => Promise.resolve(void (state.paused = false))) },
    currentTime: { value: 0, writable: true },
  })
  return { element, state }
}

const library = { choose: vi.fn(), renew: vi.fn(), restart: vi.fn(), destroy: vi.fn() } satisfies HlsPlayer
let heard: HlsListener
let app: App

function open(ask: () => Promise<PlaybackSource>) {
  const { element, state } = stage()
  const video = ref<HTMLVideoElement | null>(element)
  let made!: ReturnType<typeof usePlayerSource>
  app = createApp(defineComponent(() => ((made = usePlayerSource(video, ask)), () => h('p'))))
  app.mount(document.createElement('div'))
  return { player: made, element, state }
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000 })
  vi.clearAllMocks()
  setActivePinia(createPinia())
  vi.mocked(browserAbilities).mockReturnValue({ hasMse: true, playsHls: false, isApple: false })
  vi.mocked(openHls).mockImplementation((_element, _url, _at, listener) => {
    heard = listener
    return Promise.resolve(library)
  })
})
afterEach(() => {
  app.unmount()
  vi.useRealTimers()
})

describe('usePlayerSource', () => {
  it('plays the file where there is no playlist yet, from where it was asked to', async () => {
    const { player, element } = open(() => Promise.resolve(source()))
    await player.load(42, true)
    expect([player.engine.value, element.src]).toEqual(['progressive', FILE])
    element.dispatchEvent(new Event('loadedmetadata'))
    expect(element.currentTime).toBe(42)
    expect(element.play).toHaveBeenCalledOnce()
    expect(openHls).not.toHaveBeenCalled()
  })

  it('leaves the playlist to a browser that plays it better itself', async () => {
    vi.mocked(browserAbilities).mockReturnValue({ hasMse: true, playsHls: true, isApple: true })
    const { player, element } = open(() => Promise.resolve(source({ hls_url: HLS })))
    await player.load(0, false)
    expect([player.engine.value, element.src]).toEqual(['native', HLS])
  })

  it('takes the file where the library cannot work', async () => {
    vi.mocked(openHls).mockResolvedValue(null)
    const { player, element } = open(() => Promise.resolve(source({ hls_url: HLS })))
    await player.load(0, false)
    expect([player.engine.value, element.src]).toEqual(['progressive', FILE])
  })

  it('says that nothing is ready, and that a video is gone', async () => {
    const ask = vi.fn(() => Promise.resolve(source({ progressive_url: null })))
    const { player } = open(ask)
    await player.load(0, false)
    expect(player.problem.value).toBe('not_ready')
    ask.mockRejectedValueOnce(new ApiError(404, 'not_found', ''))
    await player.load(0, false)
    expect(player.problem.value).toBe('gone')
    ask.mockRejectedValueOnce(new ApiError(503, 'unavailable', ''))
    await player.load(0, false)
    expect(player.problem.value).toBe('service')
  })

  it('chooses the quality that was chosen before', async () => {
    usePlayerChoice().quality = '720p'
    const { player } = open(() => Promise.resolve(source({ hls_url: HLS })))
    await player.load(0, false)
    heard.onLevels([
      { index: 0, width: 640, height: 360, bitrate: 1 },
      { index: 1, width: 1280, height: 720, bitrate: 2 },
    ])
    expect(player.selected.value).toBe(1)
    expect(library.choose).toHaveBeenLastCalledWith(1)
  })

  it('asks for new addresses a minute before the old ones end, and goes on without a break', async () => {
    const ask = vi.fn(() => Promise.resolve(source({ hls_url: HLS, expires_at: in_(600) })))
    const { player } = open(ask)
    await player.load(0, true)
    await vi.advanceTimersByTimeAsync(539_000)
    expect(ask).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ask).toHaveBeenCalledTimes(2)
    expect(library.renew).toHaveBeenCalledWith(HLS)
    expect(openHls).toHaveBeenCalledTimes(1)
  })

  it('asks at once when they are refused, and not again for ten seconds', async () => {
    const ask = vi.fn(() => Promise.resolve(source({ hls_url: HLS })))
    const { player } = open(ask)
    await player.load(0, true)
    heard.onExpired()
    heard.onExpired()
    await settle()
    heard.onExpired()
    await settle()
    expect(ask).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(10_000)
    ask.mockRejectedValueOnce(new ApiError(404, 'not_found', ''))
    heard.onExpired()
    await settle()
    expect(player.problem.value).toBe('gone')
  })

  it('moves to the playlist once it is there, at the same place, playing as before', async () => {
    const ask = vi.fn(() => Promise.resolve(source()))
    const { player, element, state } = open(ask)
    await player.load(0, true)
    state.ready = 4
    element.currentTime = 17
    ask.mockResolvedValue(source({ hls_url: HLS }))
    await player.upgrade()
    expect(openHls).toHaveBeenCalledWith(element, HLS, 17, expect.anything())
    expect(element.play).toHaveBeenCalledTimes(2)
    await player.upgrade()
    expect(openHls).toHaveBeenCalledTimes(1)
  })

  it('begins where it was asked to when nothing had begun', async () => {
    const { player, element } = open(() => Promise.resolve(source({ hls_url: HLS })))
    await player.load(90, false)
    await player.reload()
    expect(openHls).toHaveBeenLastCalledWith(element, HLS, 90, expect.anything())
  })

  it('opens a file anew when its address may have ended, once', async () => {
    const ask = vi.fn(() => Promise.resolve(source()))
    const { player, element, state } = open(ask)
    await player.load(0, true)
    state.error = { code: 2 }
    element.dispatchEvent(new Event('error'))
    await settle()
    expect(ask).toHaveBeenCalledTimes(2)
    element.dispatchEvent(new Event('error'))
    await settle()
    expect([ask.mock.calls.length, player.problem.value]).toEqual([2, 'network'])
  })

  it('does not open anew what cannot be decoded', async () => {
    const ask = vi.fn(() => Promise.resolve(source()))
    const { player, element, state } = open(ask)
    await player.load(0, true)
    state.error = { code: 3 }
    element.dispatchEvent(new Event('error'))
    await settle()
    expect([ask.mock.calls.length, player.problem.value]).toEqual([1, 'decode'])
  })

  it('goes on when the browser is online again', async () => {
    const { player } = open(() => Promise.resolve(source({ hls_url: HLS })))
    await player.load(0, true)
    window.dispatchEvent(new Event('online'))
    expect(library.restart).toHaveBeenCalledOnce()
  })

  it('keeps the last of two videos that were asked for, and nothing when it is left', async () => {
    const answers: ((found: PlaybackSource) => void)[] = []
    const { player, element } = open(() => new Promise((answer) => answers.push(answer)))
    const both = [player.load(0, false), player.load(0, false)]
    answers[1]?.(source({ progressive_url: `${FILE}?2` }))
    answers[0]?.(source())
    await Promise.all(both)
    expect(element.src).toBe(`${FILE}?2`)
    const late = player.load(0, false)
    app.unmount()
    answers[2]?.(source({ hls_url: HLS }))
    await late
    expect(openHls).not.toHaveBeenCalled()
  })
})
