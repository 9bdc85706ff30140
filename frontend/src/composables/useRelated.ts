import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { isCancelled } from '@/api/problem'
import type { VideoCard } from '@/api/types'
import { listRelated } from '@/api/videos'

/** More from this creator and similar ones. */
export function useRelated(videoId: () => string) {
  const videos = shallowRef<VideoCard[]>([])
  const error = shallowRef<unknown>(null)
  const isLoading = ref(false)
  let asking: AbortController | null = null

  async function load(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    isLoading.value = true
    error.value = null
    try {
      const found = await listRelated(videoId(), mine.signal)
      if (asking === mine) videos.value = found.items
    } catch (cause) {
      if (asking === mine && !isCancelled(cause)) error.value = cause
    } finally {
      if (asking === mine) isLoading.value = false
    }
  }
  watch(
    videoId,
    () => {
      videos.value = []
      void load()
    },
    { immediate: true },
  )
  onScopeDispose(() => asking?.abort())
  return { videos, error, isLoading, load }
}
