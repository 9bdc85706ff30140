import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { land, launch, type Flight } from '@/lib/chat/flight'
import type { LiveEvents } from '@/realtime/events'
import { useChannel } from './useChannel'
import { useToast } from './useToast'

/** What the service lets fly. */
export const EFFECTS = ['❤️', '🎉', '👏', '😂', '🔥', '👍'] as const
/** How long a number stays where nothing may move. */
const COUNTED_MS = 4000

/** Emoji that fly over everybody's page; a quiet number instead for those who do not want things to move. */
export function useEffects(id: () => string) {
  const toast = useToast()
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  const flights = shallowRef<readonly Flight[]>([])
  const counts = shallowRef<ReadonlyMap<string, number>>(new Map())
  const shownCounts = computed(() => [...counts.value].map(([emoji, count]) => ({ emoji, count })))
  const isWaiting = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  const { publish } = useChannel<LiveEvents>(() => `live:${id()}`, { 'chat:effect': ({ emoji }) => fly(emoji) })

  function fly(emoji: string): void {
    if (document.visibilityState === 'hidden') return
    if (!isStill) return void (flights.value = launch(flights.value, emoji))
    counts.value = new Map(counts.value).set(emoji, (counts.value.get(emoji) ?? 0) + 1)
    clearTimeout(timer)
    timer = setTimeout(() => (counts.value = new Map()), COUNTED_MS)
  }

  async function send(emoji: string): Promise<void> {
    if (isWaiting.value) return
    const answer = await publish('chat:effect', { emoji })
    if (answer.kind !== 'refused') return
    // Tapping fast is what this is for: too fast is no mistake to be told about.
    if (answer.retryAfter === null) return toast.error(answer.message)
    isWaiting.value = true
    setTimeout(() => (isWaiting.value = false), answer.retryAfter * 1000)
  }

  onScopeDispose(() => clearTimeout(timer))
  return { flights, shownCounts, isWaiting, send, landed: (flight: number) => (flights.value = land(flights.value, flight)) }
}
