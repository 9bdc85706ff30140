import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { getText } from '@/api/storage'
import { parseThumbnails, type Thumbnail } from '@/lib/player/thumbnails'

const BEFORE_MS = 350
const FRAME_MS = 450

/** Plays a video's sprite pictures one after the other while somebody points at its card. */
export function useSpritePreview(vttUrl: () => string | null) {
  const frames = shallowRef<Thumbnail[]>([])
  const place = ref(-1)
  const frame = computed(() => (place.value < 0 ? null : (frames.value[place.value] ?? null)))
  const share = computed(() => (frames.value.length > 1 ? place.value / (frames.value.length - 1) : 0))
  let timer: ReturnType<typeof setTimeout> | undefined
  let loading: AbortController | null = null

  function start(afterMs = BEFORE_MS): void {
    if (vttUrl() === null || window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
    stop()
    timer = setTimeout(() => void begin(), afterMs)
  }

  async function begin(): Promise<void> {
    const url = vttUrl()
    if (url === null) return
    // Its own: stopped meanwhile, there is none any more, or another one's.
    const { signal } = (loading = new AbortController())
    try {
      const base = new URL(url, location.href).href
      if (frames.value.length === 0) frames.value = parseThumbnails(await getText(url, signal), base)
      await load(frames.value[0]?.url)
    } catch {
      // A card without a moving preview is still a card.
      return
    }
    if (!signal.aborted) step()
  }

  function step(): void {
    if (frames.value.length === 0) return
    place.value = (place.value + 1) % frames.value.length
    timer = setTimeout(step, FRAME_MS)
  }

  function stop(): void {
    clearTimeout(timer)
    loading?.abort()
    loading = null
    place.value = -1
  }

  onScopeDispose(stop)
  return { frame, share, start, stop }
}

/** The sheet must be there before it is shown, or the card would flash empty. */
function load(url: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!url) return reject(new Error('no pictures'))
    const image = new Image()
    image.onload = () => resolve()
    image.onerror = () => reject(new Error('the sheet could not be loaded'))
    image.src = url
  })
}
