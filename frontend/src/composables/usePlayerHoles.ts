import type Hls from 'hls.js'
import type { FragBufferedData, FragLoadingData } from 'hls.js'
import { listen } from '@/lib/listen'
import { spansOf, wayOut, type Span } from '@/lib/player/holes'

const PATIENCE_MS = 2000

/** Jumps over what was loaded and cannot be played; hls.js sees only holes between what every track has. Gives the end. */
export function leaveHoles(element: HTMLVideoElement, hls: Hls, events: typeof Hls.Events): () => void {
  const loaded = new Map<number | string, Span>()
  let timer: ReturnType<typeof setInterval> | undefined
  let stood = Number.NaN

  function look(): void {
    const at = element.currentTime
    const stands = at === stood && !element.paused && !element.seeking
    stood = at
    if (element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) return stop()
    const to = stands ? wayOut(at, [...loaded.values()], spansOf(element.buffered)) : null
    if (to !== null) element.currentTime = Math.min(to, element.duration || to)
  }
  function stop(): void {
    clearInterval(timer)
    timer = undefined
    stood = Number.NaN
  }

  hls.on(events.FRAG_LOADING, (_name: string, { frag }: FragLoadingData) => void loaded.delete(frag.sn))
  hls.on(events.FRAG_BUFFERED, (_name: string, { frag }: FragBufferedData) => {
    loaded.set(frag.sn, { start: frag.start, end: frag.end })
  })
  hls.on(events.BUFFER_FLUSHED, () => loaded.clear())
  const off = listen(element, {
    waiting: () => (timer ??= setInterval(look, PATIENCE_MS)),
    playing: stop,
    pause: stop,
    ended: stop,
  })
  return () => {
    stop()
    off()
  }
}
