import { deleteVideo, getVideo, listMine, restoreVideo, retryVideo, updateVideo } from '@/api/videos'
import type { Video, VideoPatch } from '@/api/types'
import { placeEvent } from '@/lib/studio/place'
import type { VideoEvent } from '@/realtime/events'
import { usePagedList } from './usePagedList'
import { useUserEvent } from './useUserEvent'
import { isAtWork } from './useVideo'

/** My videos, kept up to date by events, and what can be done with them. */
export function useMyVideos(onChange: () => void) {
  const list = usePagedList<Video>((cursor, signal) => listMine({ cursor, limit: 20 }, signal))
  void list.reload()

  const replace = (video: Video) => {
    list.items = list.items.map((old) => (old.id === video.id ? video : old))
  }

  async function take(event: VideoEvent): Promise<void> {
    const verdict = placeEvent(list.items, event)
    try {
      if (verdict === 'ask-again') replace(await getVideo(event.video_id))
      else if (verdict === 'unknown' && (!list.isLoading || !isAtWork(event))) {
        await list.refresh()
        onChange()
      }
    } catch {
      // The next event or the next load tells.
    }
    if (event.status === 'ready') onChange()
  }

  useUserEvent('video:progress', (event) => void take(event))
  useUserEvent('video:ready', (event) => void take(event))
  useUserEvent('video:failed', (event) => void take(event))
  useUserEvent('reload', () => {
    // Also while loading: that answer may be older than the subscription.
    void list.refresh()
    onChange()
  })

  return {
    list,
    save: async (video: Video, patch: VideoPatch) => replace(await updateVideo(video.id, patch)),
    retry: async (video: Video) => replace(await retryVideo(video.id)),
    async remove(video: Video) {
      await deleteVideo(video.id)
      list.items = list.items.filter((other) => other.id !== video.id)
      onChange()
    },
    async restore(video: Video) {
      await restoreVideo(video.id)
      // In its place among the others, wherever that is by now.
      await list.refresh()
      onChange()
    },
  }
}
