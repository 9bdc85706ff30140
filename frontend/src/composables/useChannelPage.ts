import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LiveCard } from '@/api/liveTypes'
import { listLives } from '@/api/lives'
import type { Profile } from '@/api/types'
import { getProfile } from '@/api/users'
import { listVideos, type Sort } from '@/api/videos'
import { usePagedList } from './usePagedList'
import { useReturn } from './useReturn'

const TABS = ['videos', 'lives', 'about'] as const
export type Tab = (typeof TABS)[number]
const PAGE = 24
/** A person has few at once; the service bounds how many. */
const SOON = 12

/** A creator's channel: who they are, what they have on air, their videos and broadcasts. `tab` and `sort` are the address's. */
export function useChannelPage(username: () => string) {
  const route = useRoute()
  const router = useRouter()
  const profile = shallowRef<Profile | null>(null)
  const error = shallowRef<unknown>(null)
  const tab = ref<Tab>('videos')
  const sort = ref<Sort>('newest')
  const onAir = ref([]) as Ref<LiveCard[]>
  const upcoming = ref([]) as Ref<LiveCard[]>

  const videos = usePagedList((cursor, signal) =>
    listVideos({ owner: username(), sort: sort.value, cursor, limit: PAGE }, signal),
  )
  const past = usePagedList<LiveCard>((cursor, signal) =>
    listLives({ status: 'past', owner: username(), cursor, limit: PAGE }, signal),
  )

  async function loadHead(): Promise<void> {
    const owner = username()
    try {
      const [found, now, next] = await Promise.all([
        getProfile(owner),
        listLives({ status: 'live', owner, limit: SOON }),
        listLives({ status: 'upcoming', owner, limit: SOON }),
      ])
      if (owner !== username()) return
      profile.value = found
      onAir.value = now.items
      upcoming.value = next.items
      error.value = null
    } catch (cause) {
      if (owner === username()) error.value = cause
    }
  }

  /** What the shown lists answer; while another page is shown, its address means nothing here. */
  const answered = { owner: '', videos: '', past: '' }
  const asked = computed(() => {
    const { tab: name, sort: order } = route.query
    return {
      owner: username(),
      tab: TABS.find((known) => known === name) ?? 'videos',
      sort: (order === 'popular' ? 'popular' : 'newest') as Sort,
    }
  })
  watch(
    () => (route.name === 'channel' ? asked.value : null),
    (now) => {
      if (!now) return
      tab.value = now.tab
      sort.value = now.sort
      if (now.owner !== answered.owner) {
        answered.owner = now.owner
        profile.value = null
        error.value = null
        onAir.value = upcoming.value = []
        videos.items = []
        past.items = []
        void loadHead()
      }
      if (now.tab === 'videos' && answered.videos !== `${now.owner} ${now.sort}`) {
        answered.videos = `${now.owner} ${now.sort}`
        void videos.reload()
      }
      if (now.tab === 'lives' && answered.past !== now.owner) {
        answered.past = now.owner
        void past.reload()
      }
    },
    { immediate: true },
  )
  useReturn(() => {
    void loadHead()
    if (answered.videos && !videos.isLoading) void videos.refresh()
    if (answered.past && !past.isLoading) void past.refresh()
  })

  const change = (query: Record<string, string | undefined>) =>
    router.replace({ name: 'channel', params: { username: username() }, query: { ...route.query, ...query } })
  return {
    profile,
    error,
    loadHead,
    tab,
    sort,
    videos,
    past,
    onAir,
    upcoming,
    chooseTab: (next: Tab) => change({ tab: next === 'videos' ? undefined : next }),
    chooseSort: (next: Sort) => change({ sort: next === 'newest' ? undefined : next }),
  }
}
