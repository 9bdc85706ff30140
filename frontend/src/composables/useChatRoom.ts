import { computed, ref, shallowRef } from 'vue'
import { listMessages, type ChatHistory } from '@/api/chat'
import * as rooms from '@/lib/chat/room'
import type { Room, RoomEvent } from '@/lib/chat/room'
import { rowsOf } from '@/lib/chat/row'
import { createReplay } from '@/lib/replay'
import type { LiveEvents } from '@/realtime/events'
import { useSession } from '@/stores/session'
import { useChannel } from './useChannel'

const PAGE = 60
const AROUND = 30

/** What is said in a live: the end of the history, older pages on demand, and everything new as it comes. */
export function useChatRoom(id: string, history: ChatHistory) {
  const session = useSession()
  const room = shallowRef<Room>(rooms.showLatest(rooms.EMPTY, history))
  const rows = computed(() => rowsOf(room.value))
  /** Somebody reads back: nothing of what they see may be taken from them. */
  const isReadingBack = ref(false)
  const isLoadingOlder = ref(false)
  const isLoadingNewer = ref(false)
  const error = shallowRef<unknown>(null)
  const replay = createReplay()
  let heard: RoomEvent[] = []

  const update = (to: (now: Room) => Room) => (room.value = to(room.value))

  /** All events of one frame are one change of the list. */
  function hear(event: RoomEvent): void {
    if (heard.push(event) === 1) queueMicrotask(flush)
  }

  function flush(): void {
    const events = heard
    heard = []
    replay.tell(() => update((now) => rooms.applyEvents(now, events)))
    if (!isReadingBack.value) update(rooms.trim)
  }

  useChannel<LiveEvents>(
    () => `live:${id}`,
    {
      'chat:message': ({ by, text, reply }, { seq, at }) => {
        const message = { seq: seq ?? 0, at, by, text, reply, edited: false, deleted: null }
        hear({ type: 'message', message, isMine: by.id === session.user?.id })
      },
      'chat:edited': ({ seq, text }) => hear({ type: 'edited', seq, text }),
      'chat:deleted': ({ seq, by }) => hear({ type: 'deleted', seq, by }),
      'chat:purged': ({ user_id }) => hear({ type: 'purged', userId: user_id }),
      'chat:restored': ({ messages }) => hear({ type: 'restored', messages }),
      'chat:cleared': ({ up_to }) => hear({ type: 'cleared', upTo: up_to }),
    },
    { since: () => history, reload: () => void loadLatest() },
  )

  /** Runs one question at a time of its kind; what is heard meanwhile is put on top of the answer. */
  async function ask(isBusy: { value: boolean }, run: () => Promise<(now: Room) => Room>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    error.value = null
    replay.begin()
    try {
      update(await run())
    } catch (cause) {
      error.value = cause
    } finally {
      isBusy.value = false
      replay.end()
    }
  }

  const loadOlder = () =>
    ask(isLoadingOlder, async () => {
      const page = await listMessages(id, { before: room.value.messages[0]?.seq, limit: PAGE })
      return (now) => rooms.addOlder(now, page)
    })

  const loadNewer = () =>
    ask(isLoadingNewer, async () => {
      const page = await listMessages(id, { after: room.value.messages.at(-1)?.seq ?? 0, limit: PAGE })
      return (now) => rooms.addNewer(now, page)
    })

  const loadLatest = () =>
    ask(isLoadingNewer, async () => {
      const page = await listMessages(id, { limit: PAGE })
      return (now) => rooms.showLatest(now, page)
    })

  /** Makes sure that a message is among those shown; false when it is gone. */
  async function reach(seq: number): Promise<boolean> {
    const isThere = () => rooms.indexOf(room.value.messages, seq) >= 0
    if (!isThere()) {
      await ask(isLoadingOlder, async () => {
        const [older, newer] = await Promise.all([
          listMessages(id, { before: seq + 1, limit: AROUND }),
          listMessages(id, { after: seq, limit: AROUND }),
        ])
        return (now) => rooms.showAround(now, older, newer)
      })
    }
    return isThere()
  }

  return { room, rows, isReadingBack, isLoadingOlder, isLoadingNewer, error, update, loadOlder, loadNewer, loadLatest, reach }
}

export type ChatRoom = ReturnType<typeof useChatRoom>
