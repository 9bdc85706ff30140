import { ref } from 'vue'
import type { HeldMessage } from '@/api/liveTypes'
import { listHeld, reviewHeld } from '@/api/moderation'
import { toApiError } from '@/api/problem'
import type { ModeratorEvents } from '@/realtime/events'
import { useChannel } from './useChannel'
import { usePagedList } from './usePagedList'

/** Messages that wait for a moderator, oldest first, as they come and as others decide about them. */
export function useHeld(live: () => { id: string; channel: string }) {
  const list = usePagedList<HeldMessage>((cursor, signal) => listHeld(live().id, cursor, signal))
  const busy = ref(new Set<number>())
  /** Decided here or elsewhere; an answer that was on its way may still carry it. */
  const gone = new Set<number>()
  void list.reload()

  function drop(id: number): void {
    gone.add(id)
    list.items = list.items.filter((item) => item.id !== id)
  }
  function add(item: HeldMessage): void {
    const isShown = gone.has(item.id) || list.items.some((other) => other.id === item.id)
    // While more pages are to come, this one comes with the last of them.
    if (!isShown && list.isEnd) list.items = [...list.items, item]
  }

  useChannel<ModeratorEvents>(
    () => `${live().channel}:mod`,
    {
      'chat:held': (event, place) => add({ ...event, created_at: place.at }),
      'chat:reviewed': ({ id }) => drop(id),
    },
    { reload: () => void list.refresh() },
  )

  /** Throws what the service says; a message that is no longer there to be decided about goes. */
  async function review(item: HeldMessage, verdict: 'approved' | 'rejected'): Promise<void> {
    if (busy.value.has(item.id)) return
    busy.value.add(item.id)
    try {
      await reviewHeld(live().id, item.id, verdict)
      drop(item.id)
    } catch (error) {
      if (['not_found', 'already_reviewed'].includes(toApiError(error).code)) drop(item.id)
      throw error
    } finally {
      busy.value.delete(item.id)
    }
  }
  return { list, busy, review }
}
