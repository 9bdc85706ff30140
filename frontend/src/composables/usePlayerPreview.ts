import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { PlaybackSource } from '@/lib/player/playback'
import { parseThumbnails, thumbnailAt, type Thumbnail } from '@/lib/player/thumbnails'

/** Pictures of the scrub bar; read when the pointer first comes near it. */
export function usePlayerPreview(playback: Ref<PlaybackSource | null>, read: (url: string) => Promise<string>) {
  const thumbnails = shallowRef<Thumbnail[]>([])
  const isWanted = ref(false)
  const url = computed(() => playback.value?.sprite_vtt_url ?? null)
  let readUrl: string | null = null

  watch([url, isWanted], async ([next, wanted]) => {
    if (!next || !wanted || next === readUrl) return
    readUrl = next
    try {
      const found = parseThumbnails(await read(next), new URL(next, location.href).href)
      if (readUrl === next) thumbnails.value = found
    } catch {
      // Without pictures the bar shows the time alone.
    }
  })

  return {
    want: () => (isWanted.value = true),
    at: (seconds: number) => thumbnailAt(thumbnails.value, seconds),
  }
}
