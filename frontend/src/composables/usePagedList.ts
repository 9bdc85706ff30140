import { onScopeDispose, reactive, ref, shallowRef, type Ref } from 'vue'
import { isCancelled } from '@/api/problem'
import type { Page } from '@/api/types'

export interface PagedList<T> {
  items: T[]
  isLoading: boolean
  /** The first page is being asked for again while the old one is still shown. */
  isStale: boolean
  isEnd: boolean
  error: unknown
  reload(): Promise<void>
  /** As `reload`, but what is shown stays as it is until the new page is there. */
  refresh(): Promise<void>
  loadMore(): Promise<void>
}

/** A list by cursor. A newer `reload` wins over everything that is still on its way. */
export function usePagedList<T extends { id: string | number }>(
  load: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
): PagedList<T> {
  const items = ref([]) as Ref<T[]>
  const isLoading = ref(false)
  const isStale = ref(false)
  const isEnd = ref(false)
  const error = shallowRef<unknown>(null)
  let cursor: string | null = null
  let running: AbortController | null = null

  async function run(from: string | null, isQuiet = false): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    isLoading.value = true
    isStale.value = !isQuiet && from === null && items.value.length > 0
    if (items.value.length === 0) isEnd.value = false
    error.value = null
    try {
      const page = await load(from, mine.signal)
      if (running !== mine) return
      items.value = from === null ? page.items : merge(items.value, page.items)
      cursor = page.next_cursor
      isEnd.value = cursor === null
    } catch (cause) {
      if (running === mine && !isCancelled(cause)) error.value = cause
    } finally {
      if (running === mine) {
        isLoading.value = false
        isStale.value = false
      }
    }
  }

  const reload = () => run(null)
  const refresh = () => run(null, true)

  async function loadMore(): Promise<void> {
    if (isLoading.value || isEnd.value) return
    await run(items.value.length > 0 ? cursor : null)
  }

  onScopeDispose(() => running?.abort())
  return reactive({ items, isLoading, isStale, isEnd, error, reload, refresh, loadMore }) as PagedList<T>
}

/** Keyset pages do not overlap, but a row whose sort key grew meanwhile comes a second time. */
function merge<T extends { id: string | number }>(old: T[], more: T[]): T[] {
  const known = new Set(old.map((item) => item.id))
  return [...old, ...more.filter((item) => !known.has(item.id))]
}
