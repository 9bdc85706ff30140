import { onScopeDispose, ref, shallowRef } from 'vue'
import { isCancelled } from '@/api/problem'
import type { Stats } from '@/api/types'
import { getStats } from '@/api/videos'

/** My totals. A reload keeps the old numbers until the new ones are there. */
export function useStats() {
  const stats = shallowRef<Stats | null>(null)
  const error = shallowRef<unknown>(null)
  const isLoading = ref(false)
  let running: AbortController | null = null

  async function load(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    isLoading.value = true
    try {
      stats.value = await getStats(mine.signal)
      error.value = null
    } catch (cause) {
      if (!isCancelled(cause)) error.value = cause
    } finally {
      if (running === mine) isLoading.value = false
    }
  }

  onScopeDispose(() => running?.abort())
  return { stats, error, isLoading, load }
}
