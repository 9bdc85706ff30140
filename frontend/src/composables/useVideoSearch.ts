import { computed, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { listVideos, type Sort } from '@/api/videos'
import { usePagedList } from './usePagedList'
import { useReturn } from './useReturn'

/** The list of videos that the address asks for: `q` and `sort`. */
export function useVideoSearch() {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string) => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const q = computed(() => text('q'))
  const sort = computed<Sort>(() => (text('sort') === 'popular' ? 'popular' : 'newest'))

  const list = usePagedList((cursor, signal) =>
    listVideos({ q: q.value, sort: sort.value, cursor, limit: 24 }, signal),
  )

  /** What the shown list answers; while another page is shown, its address means nothing here. */
  let answered = ''
  watch(
    () => (route.name === 'videos' ? JSON.stringify([q.value, sort.value]) : answered),
    (asked) => {
      if (asked === answered) return
      answered = asked
      void list.reload()
    },
    { immediate: true },
  )
  useReturn(() => {
    if (!list.isLoading) void list.refresh()
  })

  const change = (query: Record<string, string | undefined>) =>
    router.replace({ name: 'videos', query: { ...route.query, ...query } })

  return {
    q,
    sort,
    list,
    chooseSort: (next: Sort) => change({ sort: next === 'newest' ? undefined : next }),
    clearSearch: () => change({ q: undefined }),
  }
}
