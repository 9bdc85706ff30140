import { computed, ref, type Ref } from 'vue'
import type { LiveCard } from '@/api/liveTypes'
import { listFollowedLives, listFollowedVideos } from '@/api/users'
import { usePagedList } from './usePagedList'
import { useReturn } from './useReturn'

const PAGE = 24

/** What is new from those I follow: their videos, and what they have on air or plan. */
export function useFollowing() {
  const list = usePagedList((cursor, signal) => listFollowedVideos({ cursor, limit: PAGE }, signal))
  const lives = ref([]) as Ref<LiveCard[]>

  /** An extra: when it cannot be had, the videos are still there. */
  async function loadLives(): Promise<void> {
    try {
      lives.value = (await listFollowedLives({ limit: PAGE })).items
    } catch {
      // What is shown stays.
    }
  }
  void list.reload()
  void loadLives()
  useReturn(() => {
    if (!list.isLoading) void list.refresh()
    void loadLives()
  })

  return {
    list,
    onAir: computed(() => lives.value.filter((live) => live.status === 'live')),
    upcoming: computed(() => lives.value.filter((live) => live.status === 'scheduled')),
  }
}
