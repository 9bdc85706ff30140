import { createPinia, setActivePinia } from 'pinia'
import { effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { editMessage } from '@/api/chat'
import { ApiError } from '@/api/problem'
import type { Message } from '@/lib/chat/message'
import { EMPTY, type Room } from '@/lib/chat/room'
import type { ClientOptions } from '@/realtime/client'
import type { PubAnswer } from '@/realtime/protocol'
import type { ChatRoom } from './useChatRoom'
import { useChatSend } from './useChatSend'

const line = vi.hoisted(() => ({
  socket: null as ClientOptions | null,
  sent: [] as { text: string; reply_to?: number; cid: string; answer: (answer: PubAnswer) => void }[],
}))

vi.mock('@/api/chat')
vi.mock('@/realtime/client', () => ({
  createRealtimeClient(options: ClientOptions) {
    line.socket = options
    const nothing = () => undefined
    const publish = (_channel: string, _type: string, data: { text: string; reply_to?: number }, cid: string) =>
      new Promise<PubAnswer>((answer) => line.sent.push({ ...data, cid, answer }))
    return { subscribe: nothing, unsubscribe: nothing, start: nothing, stop: nothing, restart: nothing, publish }
  },
}))

const message = (seq: number, text: string): Message => ({
  seq, at: '', by: { id: 8, name: 'bo', display: 'Bo' }, text, reply: null, edited: false, deleted: null,
})
const settle = () => vi.advanceTimersByTimeAsync(0)

let scope: EffectScope
function open(slow = ref(0), hasNewer = false) {
  const room = shallowRef<Room>({ ...EMPTY, hasNewer })
  const loadLatest = vi.fn(() => Promise.resolve())
  const update = (to: (now: Room) => Room) => (room.value = to(room.value))
  scope = effectScope()
  const chat = { room, update, loadLatest } as unknown as ChatRoom
  const send = scope.run(() => useChatSend('loom', chat, () => slow.value))
  if (!send) throw new Error('no scope')
  return { send, room, loadLatest, pending: () => room.value.pending.map(({ text, state, code }) => ({ text, state, code })) }
}

async function answer(with_: PubAnswer): Promise<void> {
  line.sent.at(-1)?.answer(with_)
  await settle()
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  setActivePinia(createPinia())
  line.sent = []
  vi.mocked(editMessage).mockReset()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

describe('useChatSend', () => {
  it('shows a message at once and knows its number when it is on disk', async () => {
    const { send, room, pending } = open()
    send.draft.text = '  hello\nthere '
    expect(await send.submit()).toBe(true)
    expect(send.draft.text).toBe('')
    expect(pending()).toEqual([{ text: 'hello there', state: 'sending', code: null }])
    await answer({ kind: 'stored', seq: 7 })
    expect(room.value.pending[0]).toMatchObject({ state: 'sent', seq: 7 })
  })

  it('sends nothing where there is nothing', async () => {
    const { send } = open()
    send.draft.text = ' \n '
    expect(await send.submit()).toBe(false)
    expect(line.sent).toEqual([])
  })

  it('names the message it answers, and leaves the reply', async () => {
    const { send } = open()
    send.replyTo(message(5, 'x'.repeat(300)))
    expect(send.draft.reply).toEqual({ seq: 5, name: 'bo', text: 'x'.repeat(120) })
    send.draft.text = 'yes'
    await send.submit()
    expect(line.sent[0]).toMatchObject({ text: 'yes', reply_to: 5 })
    expect(send.draft.reply).toBeNull()
  })

  it('goes to the newest first where somebody reads back', async () => {
    const { send, loadLatest } = open(ref(0), true)
    send.draft.text = 'hello'
    await send.submit()
    expect(loadLatest).toHaveBeenCalledOnce()
  })

  it('sends again with the same id, in order, once the line is back', async () => {
    const { send, pending } = open()
    for (const text of ['one', 'two']) {
      send.draft.text = text
      await send.submit()
      await answer({ kind: 'lost' })
    }
    expect(pending().map((one) => one.state)).toEqual(['waiting', 'waiting'])
    const ids = line.sent.map((one) => one.cid)
    line.socket?.onState?.('open')
    await settle()
    expect(line.sent.map((one) => one.text)).toEqual(['one', 'two', 'one'])
    await answer({ kind: 'stored', seq: 1 })
    expect(line.sent.map((one) => one.text)).toEqual(['one', 'two', 'one', 'two'])
    await answer({ kind: 'stored', seq: 2 })
    expect(line.sent.slice(2).map((one) => one.cid)).toEqual(ids)
    expect(pending().map((one) => one.state)).toEqual(['sent', 'sent'])
  })

  it('gives a refused message back to the writer, with its reply', async () => {
    const { send, pending } = open()
    send.replyTo(message(5, 'quoted'))
    send.draft.text = 'bad words'
    await send.submit()
    await answer({ kind: 'refused', code: 'words_blocked', retryAfter: null } as PubAnswer)
    expect(send.draft).toMatchObject({ text: 'bad words', reply: { seq: 5 } })
    expect(send.refusal.value).toBe('words_blocked')
    expect(pending()).toEqual([])
    send.draft.text = 'better words'
    await nextTick()
    expect(send.refusal.value).toBeNull()
  })

  it('keeps it in the list where the field is in use, until it is tried again or thrown away', async () => {
    const { send, pending } = open()
    send.draft.text = 'first'
    await send.submit()
    send.draft.text = 'second, being typed'
    await answer({ kind: 'refused', code: 'links_blocked', retryAfter: null } as PubAnswer)
    expect(pending()).toEqual([{ text: 'first', state: 'failed', code: 'links_blocked' }])
    expect(send.draft.text).toBe('second, being typed')
    const cid = line.sent[0]?.cid ?? ''
    send.retry(cid)
    expect(pending()).toEqual([{ text: 'first', state: 'sending', code: null }])
    expect(line.sent[1]?.cid).toBe(cid)
    send.discard(cid)
    expect(pending()).toEqual([])
  })

  it('says that a message waits for a moderator', async () => {
    const { send, pending } = open()
    send.draft.text = 'see example.org'
    await send.submit()
    await answer({ kind: 'held' })
    expect(pending()).toEqual([{ text: 'see example.org', state: 'held', code: null }])
  })

  it('waits for slow mode by the rule that holds now', async () => {
    const slow = ref(30)
    const { send } = open(slow)
    send.draft.text = 'one'
    await send.submit()
    await answer({ kind: 'stored', seq: 1 })
    send.draft.text = 'two'
    expect(send.freeAt.value).toBe(1_030_000)
    expect(await send.submit()).toBe(false)
    slow.value = 10
    await nextTick()
    expect(send.freeAt.value).toBe(1_010_000)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await send.submit()).toBe(true)
  })

  it('waits as long as the service says', async () => {
    const { send } = open()
    send.draft.text = 'too fast'
    await send.submit()
    await answer({ kind: 'refused', code: 'slow_down', retryAfter: 4 } as PubAnswer)
    expect(send.freeAt.value).toBe(1_004_000)
    expect(await send.submit()).toBe(false)
  })

  it('saves an edit once, asks nothing for the same text, and keeps what was refused', async () => {
    const { send } = open()
    send.edit(message(9, 'old'))
    expect(await send.submit()).toBe(true)
    expect(editMessage).not.toHaveBeenCalled()
    send.edit(message(9, 'old'))
    send.draft.text = 'new'
    vi.mocked(editMessage).mockRejectedValueOnce(new ApiError(409, 'too_late', ''))
    expect(await send.submit()).toBe(false)
    expect([send.refusal.value, send.draft.text, send.isSaving.value]).toEqual(['too_late', 'new', false])
    vi.mocked(editMessage).mockResolvedValueOnce(undefined)
    const both = await Promise.all([send.submit(), send.submit()])
    expect(both).toEqual([true, false])
    expect(editMessage).toHaveBeenLastCalledWith('loom', 9, 'new')
    expect(send.draft).toMatchObject({ text: '', editing: null })
    expect(line.sent).toEqual([])
  })

  it('leaves an edit for a reply without the text that was edited', () => {
    const { send } = open()
    send.edit(message(9, 'old'))
    send.replyTo(message(5, 'quoted'))
    expect(send.draft).toMatchObject({ text: '', editing: null, reply: { seq: 5 } })
    send.draft.text = 'typed'
    send.leave()
    expect(send.draft).toMatchObject({ text: 'typed', reply: null })
  })
})
