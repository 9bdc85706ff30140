import { computed, ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LiveCard } from '@/api/liveTypes'
import { listLives } from '@/api/lives'
import { mergeOnAir } from '@/lib/live/merge'
import { usePagedList } from './usePagedList'
import { usePolling } from './usePolling'
import { useReturn } from './useReturn'

export type Show = 'all' | 'live' | 'upcoming' | 'past'

const PAGE = 24
/** Of what is on air and what comes next, on the page that shows everything. */
const FIRST = { live: 12, upcoming: 6 }
const LOOK_AGAIN_MS = 10_000
/** The most that one question gets. */
const MOST = 100

/** The lives that the address asks for (`show`). What is on air looks after itself. */
export function useLives() {
  const route = useRoute()
  const router = useRouter()
  const show = computed<Show>(() => {
    const asked = route.query.show
    return asked === 'live' || asked === 'upcoming' || asked === 'past' ? asked : 'all'
  })
  const onAir = ref([]) as Ref<LiveCard[]>
  const upcoming = ref([]) as Ref<LiveCard[]>
  const hasMore = ref({ live: false, upcoming: false })

  /** The list that goes on while scrolling; everything comes together, so that nothing jumps. */
  const list = usePagedList<LiveCard>(async (cursor, signal) => {
    const asked = show.value
    if (asked !== 'all') return listLives({ status: asked, cursor, limit: PAGE }, signal)
    const past = listLives({ status: 'past', cursor, limit: PAGE }, signal)
    if (cursor !== null) return past
    const [now, next, page] = await Promise.all([
      listLives({ status: 'live', limit: FIRST.live }, signal),
      listLives({ status: 'upcoming', limit: FIRST.upcoming }, signal),
      past,
    ])
    onAir.value = now.items
    upcoming.value = next.items
    hasMore.value = { live: now.next_cursor !== null, upcoming: next.next_cursor !== null }
    return page
  })

  async function lookAgain(): Promise<void> {
    const isAll = show.value === 'all'
    if (list.isLoading || (!isAll && show.value !== 'live')) return
    const shown = isAll ? onAir.value : list.items
    const limit = Math.min(MOST, Math.max(isAll ? FIRST.live : PAGE, shown.length))
    try {
      const page = await listLives({ status: 'live', limit })
      if (list.isLoading || isAll !== (show.value === 'all')) return
      const merged = mergeOnAir(shown, page.items, page.next_cursor === null)
      if (isAll) onAir.value = merged
      else list.items = merged
      const started = new Set(merged.map((live) => live.id))
      upcoming.value = upcoming.value.filter((live) => !started.has(live.id))
    } catch {
      // What is shown stays; the next look tells.
    }
  }
  usePolling(lookAgain, LOOK_AGAIN_MS)

  let answered: Show | null = null
  watch(
    () => (route.name === 'lives' ? show.value : answered),
    (asked) => {
      if (asked === answered) return
      answered = asked
      list.items = []
      void list.reload()
    },
    { immediate: true },
  )
  useReturn(() => {
    if (!list.isLoading) void list.refresh()
  })

  const choose = (next: Show) => router.replace({ name: 'lives', query: next === 'all' ? {} : { show: next } })
  return { show, choose, list, onAir, upcoming, hasMore }
}
