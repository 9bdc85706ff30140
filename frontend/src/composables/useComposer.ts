import { computed, nextTick, watch, type Ref } from 'vue'
import { isComposing } from '@/lib/composing'
import { charsLeft, isNearLimit, secondsUntil } from '@/lib/chat/composer'
import { useLimits } from '@/stores/limits'
import { useSession } from '@/stores/session'
import { useChatMentions } from './useChatMentions'
import type { ChatRoom } from './useChatRoom'
import type { ChatSend } from './useChatSend'
import { useNow } from './useNow'

/** What keys, names and emoji do to the field a message is written in. */
export function useComposer(
  field: Readonly<Ref<HTMLTextAreaElement | null>>,
  chat: ChatRoom,
  sending: ChatSend,
  tell: { typing: () => void; sent: () => void },
) {
  const session = useSession()
  const now = useNow()
  const rules = useLimits()
  void rules.load()
  const { draft } = sending
  const mentions = useChatMentions(
    () => chat.room.value,
    () => session.user?.username ?? null,
  )
  const { names, chosen } = mentions
  /** Seconds until the next message may go. */
  const wait = computed(() => (draft.editing ? 0 : secondsUntil(sending.freeAt.value, now.value)))
  const max = computed(() => rules.limits?.chat_max_chars ?? Infinity)
  const left = computed(() => charsLeft(draft.text, max.value))
  const isNear = computed(() => isNearLimit(left.value, max.value))
  const isFit = computed(() => draft.text.trim() !== '' && left.value >= 0 && !sending.isSaving.value)
  const maySend = computed(() => isFit.value && wait.value === 0)

  const look = () => mentions.look(draft.text, field.value?.selectionStart ?? 0)

  function input(event: Event): void {
    draft.text = (event.target as HTMLTextAreaElement).value
    look()
    if (draft.text.trim() !== '' && !draft.editing) tell.typing()
  }

  /** Whether it is time is for `submit` to say: what is shown of the wait may be a second old. */
  async function send(): Promise<void> {
    if (isFit.value && (await sending.submit())) tell.sent()
  }

  async function put(next: { text: string; caret: number } | null): Promise<void> {
    if (!next) return
    draft.text = next.text
    await nextTick()
    field.value?.focus()
    field.value?.setSelectionRange(next.caret, next.caret)
    look()
  }

  function insert(emoji: string): void {
    const { selectionStart: from = draft.text.length, selectionEnd: to = from } = field.value ?? {}
    void put({ text: draft.text.slice(0, from) + emoji + draft.text.slice(to), caret: from + emoji.length })
  }

  function editLast(): boolean {
    const mine = chat.room.value.messages.findLast((one) => one.by.id === session.user?.id && !one.deleted)
    if (draft.text !== '' || !mine) return false
    sending.edit(mine)
    return true
  }

  /** True when the key is used up. */
  function press(event: KeyboardEvent): boolean {
    if (isComposing(event)) return false
    if (names.value.length > 0 && pressInNames(event.key)) return true
    if (event.key === 'Escape') sending.leave()
    else if (event.key === 'ArrowUp') return editLast()
    else if (event.key === 'Enter' && !event.shiftKey) void send()
    else return false
    return true
  }

  function pressInNames(key: string): boolean {
    if (key === 'ArrowDown' || key === 'ArrowUp') mentions.move(key === 'ArrowDown' ? 1 : -1)
    else if (key === 'Enter' || key === 'Tab') void put(mentions.complete())
    else if (key === 'Escape') mentions.close()
    else return false
    return true
  }

  watch(
    () => [draft.reply, draft.editing],
    ([reply, editing]) => {
      if (reply || editing) void put({ text: draft.text, caret: draft.text.length })
    },
  )
  /** As high as what is written, up to a limit of the style. */
  watch(
    () => draft.text,
    async () => {
      await nextTick()
      const element = field.value
      if (!element) return
      element.style.height = 'auto'
      element.style.height = `${element.scrollHeight}px`
    },
    { immediate: true },
  )

  const choose = (index: number) => void put(mentions.complete(index))
  return { wait, left, isNear, maySend, names, chosen, look, input, send, insert, press, choose, closeNames: mentions.close }
}
