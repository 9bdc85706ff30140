import type Hls from 'hls.js'
import type { ErrorData, LevelSwitchedData } from 'hls.js'
import { folderOf, moveUrl } from '@/lib/player/engine'
import type { PlayerProblem } from '@/lib/player/playback'
import type { Level } from '@/lib/player/qualities'
import { leaveHoles } from './usePlayerHoles'

export interface HlsListener {
  onLevels(levels: Level[]): void
  onLevel(index: number): void
  /** A request failed; the library tries again by itself. */
  onStumble(): void
  /** The addresses are no longer accepted. */
  onExpired(): void
  onFailed(problem: PlayerProblem): void
}

export interface HlsPlayer {
  /** -1 is Auto. */
  choose(index: number): void
  /** Later requests use the folder of this playlist. */
  renew(url: string): void
  restart(): void
  destroy(): void
}

const REFUSED = [401, 403, 404, 410]
const MEDIA_RECOVERIES = 2

/** Plays a playlist through hls.js, which is loaded when first needed. */
export async function openHls(
  element: HTMLVideoElement,
  url: string,
  startSeconds: number,
  listener: HlsListener,
): Promise<HlsPlayer | null> {
  const { default: Library } = await import('hls.js/light')
  if (!Library.isSupported()) return null

  const folders = [folderOf(new URL(url, location.href).href)]
  const current = () => folders[folders.length - 1] ?? ''
  let recoveries = 0

  const hls = new Library({
    startPosition: startSeconds,
    maxBufferLength: 30,
    backBufferLength: 60,
    capLevelToPlayerSize: true,
    xhrSetup(xhr, asked) {
      const old = folders.find((folder) => asked.startsWith(folder))
      const moved = old === undefined ? asked : moveUrl(asked, old, current())
      if (moved !== asked) xhr.open('GET', moved, true)
    },
  })

  hls.on(Library.Events.MANIFEST_PARSED, () => listener.onLevels(levelsOf(hls)))
  hls.on(Library.Events.LEVEL_SWITCHED, (_name: string, data: LevelSwitchedData) => listener.onLevel(data.level))
  hls.on(Library.Events.ERROR, (_name: string, data: ErrorData) => {
    const { NETWORK_ERROR, MEDIA_ERROR } = Library.ErrorTypes
    if (data.type === NETWORK_ERROR && REFUSED.includes(data.response?.code ?? 0)) listener.onExpired()
    else if (data.type === NETWORK_ERROR && !data.fatal) listener.onStumble()
    if (!data.fatal) return
    if (data.type === NETWORK_ERROR) listener.onFailed('network')
    else if (data.type === MEDIA_ERROR && recoveries++ < MEDIA_RECOVERIES) hls.recoverMediaError()
    else listener.onFailed(data.type === MEDIA_ERROR ? 'decode' : 'unknown')
  })
  const stopLooking = leaveHoles(element, hls, Library.Events)
  hls.loadSource(url)
  hls.attachMedia(element)

  return {
    choose: (index) => {
      if (index === -1) hls.nextLevel = -1
      else hls.nextLevel = index
    },
    renew: (next) => {
      const folder = folderOf(new URL(next, location.href).href)
      if (folder !== current()) folders.push(folder)
    },
    restart: () => hls.startLoad(),
    destroy: () => {
      stopLooking()
      hls.destroy()
    },
  }
}

function levelsOf(hls: Hls): Level[] {
  return hls.levels.map(({ width, height, bitrate }, index) => ({ index, width, height, bitrate }))
}
