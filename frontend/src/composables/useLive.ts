import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { listMessages, type ChatHistory } from '@/api/chat'
import { isCancelled } from '@/api/problem'
import { getLive } from '@/api/lives'
import type { Live } from '@/api/liveTypes'
import { createReplay } from '@/lib/replay'
import type { LiveEvents } from '@/realtime/events'
import { useSession } from '@/stores/session'
import { useChannel } from './useChannel'
import { useUserEvent } from './useUserEvent'

const FIRST_MESSAGES = 60

/** One live, kept up to date, and the end of its chat's history. */
export function useLive(id: () => string) {
  const session = useSession()
  const live = shallowRef<Live | null>(null)
  const history = shallowRef<ChatHistory | null>(null)
  const announcement = ref<string | null>(null)
  const error = shallowRef<unknown>(null)
  const replay = createReplay()
  let asking: AbortController | null = null
  let loadedAs: number | undefined

  /** The history first: its cursor is older than all that is read after it, so events from there on miss nothing. */
  async function load(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    const wanted = id()
    error.value = null
    replay.begin()
    try {
      await session.restore()
      loadedAs = session.user?.id
      const page = history.value ?? (await listMessages(wanted, { limit: FIRST_MESSAGES }, mine.signal))
      const found = await getLive(wanted, mine.signal)
      if (asking !== mine) return
      history.value = page
      live.value = found
    } catch (cause) {
      if (asking === mine && !isCancelled(cause)) error.value = cause
    } finally {
      replay.end()
    }
  }

  function change(more: (now: Live) => Partial<Live> | null): void {
    replay.tell(() => {
      const now = live.value
      const changed = now && more(now)
      if (changed) live.value = { ...now, ...changed }
    })
  }

  const restrict = (restriction: Live['me']['restriction']) => change((now) => ({ me: { ...now.me, restriction } }))

  useChannel<LiveEvents>(
    () => (live.value ? `live:${live.value.id}` : null),
    {
      'live:changed': (data) => change(() => data),
      'live:viewers': ({ n }) => change(() => ({ viewers: n })),
      'live:announcement': ({ text }) => (announcement.value = text),
      'chat:rules': (rules) => change(() => ({ chat: rules })),
      'chat:pinned': (data, { at }) => change(() => ({ pinned: { ...data, by: { badges: [], ...data.by }, at, reply: null, edited: false, deleted: null } })),
      'chat:unpinned': () => change(() => ({ pinned: null })),
      'chat:edited': ({ seq, text }) =>
        change(({ pinned }) => (pinned?.seq === seq ? { pinned: { ...pinned, text, edited: true } } : null)),
    },
    { since: () => history.value ?? undefined, reload: load, refused: () => void load() },
  )
  useUserEvent('chat:restricted', ({ live: where, kind, until, reason }) => {
    if (where === id()) restrict({ kind, until, reason })
  })
  useUserEvent('chat:unrestricted', ({ live: where }) => {
    if (where === id()) restrict(null)
  })
  useUserEvent('chat:moderator', ({ live: where, is_moderator: isModerator }) => {
    if (where === id()) change((now) => ({ me: { ...now.me, is_moderator: isModerator } }))
  })
  useUserEvent('reload', () => void load())

  watch(
    id,
    () => {
      live.value = history.value = announcement.value = null
      void load()
    },
    { immediate: true },
  )
  /** Who somebody is in a live depends on who they are. */
  watch(
    () => session.user?.id,
    (now) => {
      if (now !== loadedAs) void load()
    },
  )
  onScopeDispose(() => asking?.abort())
  return { live, history, announcement, error, load, change }
}
