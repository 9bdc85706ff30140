import { ref, type Ref } from 'vue'
import type { LiveCard } from '@/api/liveTypes'
import { listLives } from '@/api/lives'
import { mergeOnAir } from '@/lib/live/merge'
import { usePolling } from './usePolling'

const MOST = 12
const LOOK_AGAIN_MS = 15_000

/** What is on air now, for a strip above other things: numbers and names follow, but a strip does not push in later. */
export function useLiveStrip() {
  const lives = ref([]) as Ref<LiveCard[]>

  /** An extra: when it cannot be had, the page is still whole. */
  async function load(signal?: AbortSignal): Promise<void> {
    try {
      lives.value = (await listLives({ status: 'live', limit: MOST }, signal)).items
    } catch {
      // What is shown stays.
    }
  }

  async function lookAgain(): Promise<void> {
    if (lives.value.length === 0) return
    try {
      const page = await listLives({ status: 'live', limit: MOST })
      lives.value = mergeOnAir(lives.value, page.items, page.next_cursor === null)
    } catch {
      // The next look tells.
    }
  }
  usePolling(lookAgain, LOOK_AGAIN_MS)

  return { lives, load }
}
