import { computed, nextTick, ref, watch, type ComponentPublicInstance, type Ref } from 'vue'
import type { VListHandle } from 'virtua/vue'
import { indexOf } from '@/lib/chat/room'
import type { Row } from '@/lib/chat/row'
import type { ChatRoom } from './useChatRoom'

/** This close to the end counts as the end. */
const END_PIXELS = 48
/** Older messages are asked for before the reader gets to the top. */
const EARLY_PIXELS = 400
const FOUND_MS = 1800

/** The list and the element that scrolls. */
export type ChatListHandle = VListHandle & Pick<ComponentPublicInstance<unknown, unknown>, '$el'>

/** Where a chat is scrolled to: stays at the end while somebody is there, and does not move while they read back. */
export function useChatScroll(list: Readonly<Ref<ChatListHandle | null>>, chat: ChatRoom) {
  const { room, rows } = chat
  const isAtEnd = ref(true)
  /** Told to the list when rows appear above: what is read must not move. */
  const isShifting = ref(false)
  const seenSeq = ref(room.value.top)
  const foundSeq = ref<number | null>(null)
  /** From a way to the end until it is reached: lines are measured meanwhile, and the end moves away. */
  let isSettling = false
  let foundTimer: ReturnType<typeof setTimeout> | undefined

  const unseen = computed(() => {
    const { messages, unshown } = room.value
    let index = messages.length
    while (index > 0 && (messages[index - 1]?.seq ?? 0) > seenSeq.value) index--
    return messages.length - index + unshown
  })

  function onScroll(): void {
    const handle = list.value
    if (!handle) return
    const isThere = handle.scrollOffset + handle.viewportSize >= handle.scrollSize - END_PIXELS
    if (!isThere && isSettling && isAtEnd.value) return toEnd()
    isAtEnd.value = isThere
    if (handle.scrollOffset < EARLY_PIXELS && room.value.hasOlder) void chat.loadOlder()
    if (isAtEnd.value && room.value.hasNewer) void chat.loadNewer()
    settle()
  }

  /** Nothing moves any more. */
  function onScrollEnd(): void {
    onScroll()
    const handle = list.value
    isSettling = isAtEnd.value && handle !== null && handle.scrollOffset + handle.viewportSize < handle.scrollSize - END_PIXELS
  }

  /** A wheel, a finger or a key: from now on it is somebody who scrolls. */
  function take(): void {
    isSettling = false
  }

  function settle(): void {
    const isEnd = isAtEnd.value && !room.value.hasNewer
    chat.isReadingBack.value = !isEnd
    if (isEnd) seenSeq.value = room.value.top
  }

  /**
   * By the element itself, again whenever a line is measured: the list's own scrolling to a line repeats itself for a
   * moment, and whoever turns the wheel meanwhile would be taken back.
   */
  function toEnd(): void {
    const element: HTMLElement | undefined = list.value?.$el
    if (!element) return
    isSettling = true
    element.scrollTop = element.scrollHeight
  }

  /** The list, or a line in it, has changed its size. */
  function onResize(): void {
    if (isAtEnd.value && !room.value.hasNewer) toEnd()
    else onScroll()
  }

  watch(
    rows,
    (now, before) => {
      isShifting.value = isGrownAbove(now, before)
      settle()
      if (isAtEnd.value && !room.value.hasNewer) void nextTick(toEnd)
    },
    { flush: 'pre' },
  )

  async function toNewest(): Promise<void> {
    if (room.value.hasNewer) await chat.loadLatest()
    isAtEnd.value = true
    settle()
    await nextTick()
    toEnd()
  }

  /** Shows a message in the middle and marks it for a moment; false when it is gone. */
  async function toMessage(seq: number): Promise<boolean> {
    isAtEnd.value = false
    settle()
    if (!(await chat.reach(seq))) return false
    await nextTick()
    list.value?.scrollToIndex(indexOf(room.value.messages, seq), { align: 'center' })
    clearTimeout(foundTimer)
    foundSeq.value = seq
    foundTimer = setTimeout(() => (foundSeq.value = null), FOUND_MS)
    return true
  }

  return { isAtEnd, isShifting, unseen, foundSeq, onScroll, onScrollEnd, onResize, take, toNewest, toMessage }
}

function isGrownAbove(now: readonly Row[], before: readonly Row[]): boolean {
  return now.length > before.length && now.at(-1)?.key === before.at(-1)?.key && now[0]?.key !== before[0]?.key
}
