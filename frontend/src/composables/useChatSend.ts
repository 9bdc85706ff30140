import { reactive, ref, watch } from 'vue'
import { editMessage } from '@/api/chat'
import { toApiError } from '@/api/problem'
import { tidy } from '@/lib/chat/composer'
import { keepDraft, recallDraft } from '@/lib/chat/draft'
import type { Message, Quote } from '@/lib/chat/message'
import { addPending, dropPending, markSent, setPending, type Pending } from '@/lib/chat/room'
import { uuid } from '@/lib/uuid'
import type { PubAnswer } from '@/realtime/protocol'
import { useEvents } from '@/stores/events'
import { useSession } from '@/stores/session'
import type { ChatRoom } from './useChatRoom'

const QUOTED = 120

/** Writes messages: shown at once, sent again after a broken connection, given back to the writer when refused. */
export function useChatSend(id: string, chat: ChatRoom, slowSeconds: () => number) {
  const events = useEvents()
  const session = useSession()
  const me = () => session.user?.id ?? 0
  const draft = reactive({ text: recallDraft(id, me()), reply: null as Quote | null, editing: null as Message | null })
  /** Why the last one was not taken; a code. */
  const refusal = ref<string | null>(null)
  /** When the next one may be sent, in milliseconds. */
  const freeAt = ref(0)
  const isSaving = ref(false)

  const change = (cid: string, to: Partial<Pending>) => chat.update((now) => setPending(now, cid, to))
  const discard = (cid: string) => chat.update((now) => dropPending(now, cid))

  /** False while there is nothing to send, or it is too early. */
  async function submit(): Promise<boolean> {
    const text = tidy(draft.text)
    if (text === '') return false
    if (draft.editing) return saveEdit(draft.editing, text)
    if (freeAt.value > Date.now()) return false
    const cid = uuid()
    const { reply } = draft
    leave()
    draft.text = ''
    if (chat.room.value.hasNewer) await chat.loadLatest()
    chat.update((now) => addPending(now, cid, text, reply))
    void deliver({ cid, text, reply })
    return true
  }

  async function deliver({ cid, text, reply }: Pick<Pending, 'cid' | 'text' | 'reply'>): Promise<void> {
    change(cid, { state: 'sending', code: null })
    const answer = await events.publish(`live:${id}`, 'chat:message', { text, reply_to: reply?.seq }, cid)
    if (answer.kind === 'stored') {
      if (slowSeconds() > 0) freeAt.value = Math.max(freeAt.value, Date.now() + slowSeconds() * 1000)
      chat.update((now) => markSent(now, cid, answer.seq))
    } else if (answer.kind === 'refused') giveBack({ cid, text, reply }, answer)
    else change(cid, { state: answer.kind === 'held' ? 'held' : 'waiting' })
  }

  /** Nothing that was typed is lost: it goes back into the field, or stays in the list when the field is in use. */
  function giveBack(one: Pick<Pending, 'cid' | 'text' | 'reply'>, why: PubAnswer & { kind: 'refused' }): void {
    if (why.code === 'slow_down' && why.retryAfter !== null) freeAt.value = Date.now() + why.retryAfter * 1000
    if (draft.text !== '' || draft.editing) return void change(one.cid, { state: 'failed', code: why.code })
    discard(one.cid)
    draft.text = one.text
    draft.reply = one.reply
    refusal.value = why.code
  }

  async function saveEdit(message: Message, text: string): Promise<boolean> {
    if (isSaving.value) return false
    isSaving.value = true
    refusal.value = null
    try {
      if (text !== message.text) await editMessage(id, message.seq, text)
      leave()
      draft.text = ''
      return true
    } catch (error) {
      refusal.value = toApiError(error).code
      return false
    } finally {
      isSaving.value = false
    }
  }

  function replyTo(message: Message): void {
    if (draft.editing) draft.text = ''
    draft.editing = null
    draft.reply = { seq: message.seq, name: message.by.name, text: message.text.slice(0, QUOTED) }
  }

  function edit(message: Message): void {
    draft.reply = null
    draft.editing = message
    draft.text = message.text
    refusal.value = null
  }

  /** Leaves a reply or an edit. What was typed as a reply stays. */
  function leave(): void {
    if (draft.editing) draft.text = ''
    draft.reply = draft.editing = null
    refusal.value = null
  }

  function retry(cid: string): void {
    const one = chat.room.value.pending.find((pending) => pending.cid === cid)
    if (one) void deliver(one)
  }

  /** One after the other, so that they keep their order. */
  async function resend(): Promise<void> {
    for (const one of chat.room.value.pending) if (one.state === 'waiting') await deliver(one)
  }

  watch(
    () => events.state,
    (state) => {
      if (state === 'open') void resend()
    },
  )
  // Slow mode counts from the last message, by the rule that holds now.
  watch(slowSeconds, (seconds, before) => {
    if (before > 0) freeAt.value += (seconds - before) * 1000
  })
  watch(
    () => draft.text,
    (text, before) => {
      if (before !== '' && text !== before) refusal.value = null
      // An edit is the message's text, not a new one.
      if (!draft.editing) keepDraft(id, me(), text)
    },
  )

  return { draft, refusal, freeAt, isSaving, submit, retry, discard, replyTo, edit, leave }
}

export type ChatSend = ReturnType<typeof useChatSend>
