import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref } from 'vue'
import { toApiError } from '@/api/problem'
import { browserAbilities, pickEngine, type Engine } from '@/lib/player/engine'
import { listen } from '@/lib/listen'
import { problemOf, problemOfStatus, renewIn, type PlaybackSource, type PlayerProblem } from '@/lib/player/playback'
import { levelFor, type Level } from '@/lib/player/qualities'
import { statusOf } from '@/lib/upload/failure'
import { serviceNow } from '@/lib/serviceClock'
import { usePlayerChoice } from '@/stores/playerChoice'
import { openHls, type HlsPlayer } from './usePlayerHls'

/** Chooses how to play, keeps the addresses fresh, and carries the position over every change of source. */
export function usePlayerSource(video: Ref<HTMLVideoElement | null>, ask: () => Promise<PlaybackSource>) {
  const choice = usePlayerChoice()
  const playback = shallowRef<PlaybackSource | null>(null)
  const engine = ref<Engine | null>(null)
  const levels = shallowRef<Level[]>([])
  const selected = ref(-1)
  const playing = ref(-1)
  const problem = ref<PlayerProblem | null>(null)
  /** Of the question that failed, for whoever helps. */
  const requestId = ref<string | null>(null)
  /** Playing without sound because the browser wants it so. */
  const isHushed = ref(false)
  const stumbles = ref(0)

  let hls: HlsPlayer | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let isRenewing = false
  let renewedAt = Number.NEGATIVE_INFINITY
  let turn = 0
  let wanted = 0
  let offs: (() => void)[] = []

  async function load(atSeconds: number, shouldPlay: boolean): Promise<void> {
    const mine = ++turn
    wanted = atSeconds
    problem.value = null
    requestId.value = null
    try {
      const found = await ask()
      if (mine !== turn) return
      take(found)
      await attach(found, atSeconds, shouldPlay, mine)
    } catch (error) {
      if (mine !== turn) return
      problem.value = problemOfStatus(statusOf(error))
      requestId.value = toApiError(error).requestId
    }
  }

  async function attach(found: PlaybackSource, at: number, shouldPlay: boolean, mine: number): Promise<void> {
    const element = video.value
    if (!element) return
    detach()
    let next = pickEngine(found.hls_url !== null, browserAbilities())
    if (next === 'hls' && found.hls_url) {
      const opened = await openHls(element, found.hls_url, at, listener)
      if (mine !== turn) return opened?.destroy()
      hls = opened
      if (!opened) next = 'progressive'
    }
    const url = next === 'native' ? found.hls_url : next === 'progressive' ? found.progressive_url : null
    engine.value = next
    if (next !== 'hls') {
      if (!url) return void (problem.value = 'not_ready')
      openFile(element, url, at)
    }
    if (shouldPlay) await begin(element)
  }

  /** Browsers refuse sound to who has touched nothing yet: better a silent picture than none. */
  async function begin(element: HTMLVideoElement): Promise<void> {
    try {
      await element.play()
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'NotAllowedError') || element.muted) return
      element.muted = true
      isHushed.value = await element.play().then(
        () => true,
        () => false,
      )
      if (!isHushed.value) element.muted = false
    }
  }

  function unmute(): void {
    if (video.value) video.value.muted = false
  }

  function openFile(element: HTMLVideoElement, url: string, at: number): void {
    element.src = url
    if (at > 0) element.addEventListener('loadedmetadata', () => (element.currentTime = at), { once: true })
  }

  const listener = {
    onLevels(found: Level[]) {
      levels.value = found
      choose(choice.quality === 'auto' ? -1 : levelFor(found, choice.quality))
    },
    onLevel: (index: number) => (playing.value = index),
    onStumble: () => stumbles.value++,
    onExpired: () => void renew(),
    onFailed(found: PlayerProblem) {
      stumbles.value++
      if (isRenewing || (found === 'network' && !navigator.onLine)) return
      problem.value = found
    },
  }

  function choose(index: number): void {
    selected.value = index
    hls?.choose(index)
  }

  /** New addresses for the same video. hls.js goes on without a break; a plain file is opened again where it was. */
  async function renew(): Promise<void> {
    if (isRenewing || performance.now() - renewedAt < 10_000) return
    isRenewing = true
    try {
      const found = await ask()
      take(found)
      if (hls && found.hls_url) {
        hls.renew(found.hls_url)
        hls.restart()
      }
    } catch (error) {
      if (statusOf(error) === 404) problem.value = 'gone'
    } finally {
      isRenewing = false
      renewedAt = performance.now()
    }
  }

  /** Captions were added or taken away; what plays goes on. */
  async function lookAgain(): Promise<void> {
    await ask().then(take, () => undefined)
  }

  /** Plays the better source that has appeared, at the same place. */
  async function upgrade(): Promise<void> {
    if (engine.value !== null && engine.value !== 'progressive') return
    await reload()
  }

  async function reload(): Promise<void> {
    const element = video.value
    await load(place(), element ? !element.paused || problem.value !== null : false)
  }

  /** What never began to play still has to begin where it was asked to. */
  function place(): number {
    const element = video.value
    return element && element.readyState > 0 ? element.currentTime : wanted
  }

  function take(found: PlaybackSource): void {
    playback.value = found
    clearTimeout(timer)
    const wait = renewIn(found.expires_at, serviceNow())
    if (wait !== null) timer = setTimeout(() => void renew(), wait)
  }

  function heard(): void {
    if (!video.value?.muted) isHushed.value = false
  }

  function detach(): void {
    hls?.destroy()
    hls = null
    levels.value = []
    selected.value = -1
    playing.value = -1
    stumbles.value = 0
  }

  function failed(): void {
    const element = video.value
    if (!element?.error || hls) return
    const found = problemOf(element.error.code)
    const isStale = performance.now() - renewedAt > 10_000 && found !== 'decode'
    renewedAt = performance.now()
    if (isStale && engine.value !== null) void load(place(), true)
    else problem.value = found
  }

  onMounted(() => {
    if (video.value) offs.push(listen(video.value, { error: failed, playing: () => (stumbles.value = 0), volumechange: heard }))
    offs.push(listen(window, { online: () => (hls ? hls.restart() : problem.value && void reload()) }))
  })
  onBeforeUnmount(() => {
    turn++
    clearTimeout(timer)
    detach()
    for (const off of offs) off()
    offs = []
  })
  return { playback, engine, levels, selected, playing, problem, requestId, stumbles, isHushed, unmute, load, reload, lookAgain, upgrade, choose }
}
