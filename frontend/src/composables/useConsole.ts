import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Live, LivePatch, ModeratorRules, RulesPatch } from '@/api/liveTypes'
import { endLive, getLive, rotateKey, startLive, updateLive } from '@/api/lives'
import { getRules, updateRules } from '@/api/moderation'
import { isCancelled } from '@/api/problem'
import { addSample, type Sample } from '@/lib/live/samples'
import { keepSamples, recallSamples } from '@/lib/live/sampleStore'
import type { LiveEvents, ModeratorEvents } from '@/realtime/events'
import { useChannel } from './useChannel'
import { usePolling } from './usePolling'
import { useUserEvent } from './useUserEvent'

/** Peak and total are in no event; they need not be right to the second. */
const LOOK_AGAIN_MS = 10_000

/** My live, or one whose chat I keep in order, as it happens, and what its creator can do with it. */
export function useConsole(id: () => string) {
  const live = shallowRef<Live | null>(null)
  /** With the blocked words, which only moderators see. Null while they are not known. */
  const rules = shallowRef<ModeratorRules | null>(null)
  const error = shallowRef<unknown>(null)
  const isLoading = ref(false)
  const samples = shallowRef<Sample[]>([])
  /** Grows when somebody moderated: who shows what was done looks again. */
  const deeds = ref(0)
  /** Grows when somebody became a moderator, or is one no more. */
  const appointments = ref(0)
  let asking: AbortController | null = null
  /** Grows with what is heard: an answer that was on its way meanwhile may be older. */
  let heard = 0
  let changing: Promise<void> = Promise.resolve()

  function take(next: Live): void {
    live.value = next
    if (next.status !== 'live') return
    samples.value = addSample(samples.value, { at: Date.now(), viewers: next.viewers })
    keepSamples(next.id, samples.value)
  }
  function change(part: Partial<Live>): void {
    if (live.value) live.value = { ...live.value, ...part }
  }

  function done(next: Live): void {
    heard++
    take(next)
  }
  function hear(part: Partial<Live>): void {
    heard++
    change(part)
  }

  async function load(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    const before = heard
    isLoading.value = live.value === null
    try {
      const found = await getLive(id(), mine.signal)
      const mayModerate = found.me.is_owner || found.me.is_moderator
      const told = mayModerate ? await getRules(id(), mine.signal) : null
      if (asking !== mine) return
      if (heard !== before) return void load()
      take(found)
      rules.value = told
      error.value = null
    } catch (cause) {
      if (asking === mine && !isCancelled(cause)) error.value = cause
    } finally {
      if (asking === mine) isLoading.value = false
    }
  }

  watch(
    id,
    () => {
      live.value = rules.value = error.value = null
      samples.value = recallSamples(id())
      void load()
    },
    { immediate: true },
  )
  onScopeDispose(() => asking?.abort())
  useChannel<LiveEvents>(
    () => live.value?.channel ?? null,
    {
      'live:changed': (event) => hear({ ...event }),
      'live:viewers': ({ n }) => live.value && take({ ...live.value, viewers: n, peak_viewers: Math.max(n, live.value.peak_viewers) }),
      'chat:rules': (event) => {
        hear({ chat: event })
        if (rules.value) rules.value = { ...rules.value, ...event }
        deeds.value++
      },
      'chat:purged': () => deeds.value++,
      'chat:deleted': () => deeds.value++,
      'chat:cleared': () => deeds.value++,
      'chat:pinned': () => deeds.value++,
      'chat:unpinned': () => deeds.value++,
    },
    { reload: () => void load() },
  )
  useChannel<ModeratorEvents>(() => (live.value && rules.value ? `${live.value.channel}:mod` : null), {
    'chat:reviewed': () => deeds.value++,
    'chat:moderators': () => {
      deeds.value++
      appointments.value++
    },
  })
  useUserEvent('chat:moderator', ({ live: where, is_moderator: isModerator }) => {
    if (where !== id()) return
    if (!isModerator) rules.value = null
    void load()
  })
  useUserEvent('reload', () => void load())
  usePolling(async () => {
    if (live.value?.status === 'live') await load()
  }, LOOK_AGAIN_MS)

  return {
    live,
    rules,
    error,
    isLoading,
    samples,
    deeds,
    appointments,
    load,
    start: async () => done(await startLive(id())),
    end: async () => done(await endLive(id())),
    /** One after the other, so that the last choice is also the last one stored. */
    changeRules(patch: RulesPatch): Promise<void> {
      const mine = changing.then(async () => {
        const next = await updateRules(id(), patch)
        heard++
        // Only what was asked for: of the rest, events may have told newer things.
        const asked = Object.entries(next).filter(([name]) => name in patch)
        if (rules.value) rules.value = { ...rules.value, ...Object.fromEntries(asked) }
      })
      changing = mine.catch(() => undefined)
      return mine
    },
    save: async (patch: LivePatch) => done(await updateLive(id(), patch)),
    async rotate(): Promise<string> {
      const made = await rotateKey(id())
      change({ key_hint: made.key_hint })
      return made.stream_key
    },
  }
}
