import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRealtimeClient, type ClientOptions } from './client'

class FakeSocket {
  static all: FakeSocket[] = []
  readyState: number = WebSocket.CONNECTING
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor() {
    FakeSocket.all.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.readyState = WebSocket.CLOSED
    this.onclose?.()
  }
  open(): void {
    this.readyState = WebSocket.OPEN
    this.onopen?.()
  }
  say(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  /** Answers the last request of that kind. */
  answer(op: string, ok: object): void {
    this.say({ id: this.sent.findLast((one) => one.op === op)?.id, ok })
  }
  refuse(op: string, error: object): void {
    this.say({ id: this.sent.findLast((one) => one.op === op)?.id, error })
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const last = () => FakeSocket.all.at(-1) as FakeSocket
const numbers = (...all: number[]) => all.map((seq) => ({ seq, type: 't', data: null }))

function client(more: Partial<ClientOptions> = {}) {
  const events: (number | null)[] = []
  const reloads: string[] = []
  const made = createRealtimeClient({
    url: () => 'ws://x/ws',
    ticket: () => Promise.resolve('ticket'),
    onEvent: (_channel, event) => events.push(event.seq),
    onReload: (channel) => reloads.push(channel),
    openSocket: () => new FakeSocket() as unknown as WebSocket,
    random: () => 1,
    ...more,
  })
  return { made, events, reloads }
}

async function signIn(): Promise<void> {
  await settle()
  last().open()
  last().answer('auth', {})
  await settle()
}

async function connect(top = { epoch: 1, seq: 10 }) {
  const all = client()
  all.made.subscribe('user:7')
  all.made.start()
  await signIn()
  last().answer('sub', top)
  await settle()
  return all
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.all = []
})
afterEach(() => vi.useRealTimers())

describe('the realtime client', () => {
  it('signs in, follows the channel from its top, and asks for what was loaded before', async () => {
    const { made, events, reloads } = await connect()
    expect(last().sent.map((one) => one.op)).toEqual(['auth', 'sub'])
    expect(reloads).toEqual(['user:7'])
    last().say({ ch: 'user:7', ev: numbers(11, 12) })
    expect(events).toEqual([11, 12])
    made.stop()
  })

  it('comes back where it stopped and shows nothing twice', async () => {
    const { made, events, reloads } = await connect()
    last().say({ ch: 'user:7', ev: numbers(11) })
    last().close()
    await vi.advanceTimersByTimeAsync(1000)
    expect(FakeSocket.all).toHaveLength(2)
    last().open()
    last().answer('auth', {})
    await settle()
    expect(last().sent.at(-1)).toMatchObject({ op: 'sub', since: { epoch: 1, seq: 11 } })
    last().say({ ch: 'user:7', ev: numbers(11, 12, 13) })
    last().answer('sub', { epoch: 1, seq: 13 })
    await settle()
    last().say({ ch: 'user:7', ev: numbers(14) })
    expect(events).toEqual([11, 12, 13, 14])
    expect(reloads).toHaveLength(1)
    made.stop()
  })

  it('loads again when the service cannot tell what was missed', async () => {
    const { made, reloads } = await connect()
    last().close()
    await vi.advanceTimersByTimeAsync(1000)
    last().open()
    last().answer('auth', {})
    await settle()
    last().answer('sub', { epoch: 2, seq: 3, reset: true })
    await settle()
    expect(reloads).toHaveLength(2)
    made.stop()
  })

  it('asks again from a hole', async () => {
    const { made, events } = await connect()
    last().say({ ch: 'user:7', ev: numbers(11, 14) })
    await settle()
    expect(last().sent.at(-1)).toMatchObject({ op: 'sub', since: { seq: 11 } })
    last().say({ ch: 'user:7', ev: numbers(12, 13, 14) })
    expect(events).toEqual([11, 12, 13, 14])
    made.stop()
  })

  it('waits longer each time, and drops a connection that stays silent', async () => {
    const { made } = await connect()
    await vi.advanceTimersByTimeAsync(25_000 + 10_000)
    expect(last().readyState).toBe(WebSocket.CLOSED)
    await vi.advanceTimersByTimeAsync(1000)
    last().close()
    const before = FakeSocket.all.length
    await vi.advanceTimersByTimeAsync(900)
    expect(FakeSocket.all).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(200)
    expect(FakeSocket.all).toHaveLength(before + 1)
    made.stop()
  })

  it('tries again when no ticket can be had, and stays away once stopped', async () => {
    const ticket = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue('t')
    const { made } = client({ ticket })
    made.start()
    await vi.advanceTimersByTimeAsync(600)
    expect(ticket).toHaveBeenCalledTimes(2)
    made.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.all).toHaveLength(1)
    expect(last().readyState).toBe(WebSocket.CLOSED)
  })

  it('follows public channels without a ticket', async () => {
    const { made, events } = client({ ticket: () => Promise.resolve(null) })
    made.subscribe('live:a')
    made.start()
    await settle()
    last().open()
    await settle()
    expect(last().sent).toEqual([{ id: 1, op: 'sub', ch: 'live:a' }])
    last().answer('sub', { epoch: 1, seq: 3 })
    await settle()
    last().say({ ch: 'live:a', ev: [...numbers(4), { type: 'live:viewers', data: { n: 2 } }] })
    expect(events).toEqual([4, null])
    made.stop()
  })

  it('starts where the page ends, with nothing to load again', async () => {
    const { made, events, reloads } = client()
    const page = { epoch: 1, seq: 40, items: [] }
    made.subscribe('live:a', page)
    made.start()
    await signIn()
    const { since } = last().sent.at(-1) as { since: unknown }
    expect(since).toEqual({ epoch: 1, seq: 40 })
    last().say({ ch: 'live:a', ev: numbers(41, 42) })
    last().answer('sub', { epoch: 1, seq: 42 })
    await settle()
    last().say({ ch: 'live:a', ev: numbers(43) })
    expect(events).toEqual([41, 42, 43])
    expect(reloads).toEqual([])
    made.stop()
  })

  it('says who begins to listen behind what others have heard', async () => {
    const { made } = await connect()
    last().say({ ch: 'user:7', ev: numbers(11) })
    await settle()
    const behind = [made.subscribe('user:7', { epoch: 1, seq: 10 }), made.subscribe('user:7', { epoch: 0, seq: 11 })]
    const level = [made.subscribe('user:7', { epoch: 1, seq: 11 }), made.subscribe('user:7'), made.subscribe('live:new', { epoch: 1, seq: 3 })]
    expect([behind, level]).toEqual([[true, true], [false, false, false]])
    made.stop()
  })

  it('tells of a channel that is not there, and asks for it again with the next connection', async () => {
    const onRefused = vi.fn()
    const { made } = client({ onRefused })
    made.subscribe('live:gone')
    made.start()
    await signIn()
    last().refuse('sub', { code: 'not_found', message: 'No.' })
    await settle()
    expect(onRefused).toHaveBeenCalledWith('live:gone', 'not_found')
    last().close()
    await vi.advanceTimersByTimeAsync(1000)
    await signIn()
    expect(last().sent.at(-1)).toMatchObject({ op: 'sub', ch: 'live:gone' })
    made.stop()
  })

  it('asks again for a channel that cannot be had for a moment', async () => {
    const onRefused = vi.fn()
    const { made } = client({ onRefused })
    made.subscribe('live:a', { epoch: 1, seq: 5 })
    made.start()
    await signIn()
    last().refuse('sub', { code: 'unavailable', message: 'Soon.' })
    await vi.advanceTimersByTimeAsync(1000)
    await signIn()
    expect(FakeSocket.all).toHaveLength(2)
    expect(last().sent.at(-1)).toMatchObject({ op: 'sub', since: { epoch: 1, seq: 5 } })
    expect(onRefused).not.toHaveBeenCalled()
    made.stop()
  })

  it('publishes and says what became of it', async () => {
    const { made } = await connect()
    const say = () => made.publish('live:a', 'chat:message', { text: 'hi' }, 'c1')
    const stored = say()
    expect(last().sent.at(-1)).toMatchObject({ op: 'pub', ch: 'live:a', type: 'chat:message', data: { text: 'hi' }, cid: 'c1' })
    last().answer('pub', { epoch: 1, seq: 11 })
    expect(await stored).toEqual({ kind: 'stored', seq: 11 })
    const held = say()
    last().answer('pub', { held: true })
    expect(await held).toEqual({ kind: 'held' })
    const refused = say()
    last().refuse('pub', { code: 'slow_down', message: 'Wait.', retry_after: 4 })
    expect(await refused).toMatchObject({ kind: 'refused', code: 'slow_down', message: 'Wait.', retryAfter: 4 })
    const lost = say()
    last().close()
    expect(await lost).toEqual({ kind: 'lost' })
    expect(await say()).toEqual({ kind: 'lost' })
    made.stop()
  })

  it('connects anew as somebody else, and never with a ticket asked for before', async () => {
    const ticket = vi.fn<() => Promise<string | null>>().mockResolvedValueOnce('old').mockResolvedValue('new')
    const { made } = client({ ticket })
    made.subscribe('live:a', { epoch: 1, seq: 5 })
    made.start()
    made.restart()
    await signIn()
    expect(FakeSocket.all).toHaveLength(1)
    expect(last().sent[0]).toMatchObject({ op: 'auth', ticket: 'new' })
    made.restart()
    await signIn()
    expect(FakeSocket.all).toHaveLength(2)
    expect(last().sent.at(-1)).toMatchObject({ op: 'sub', since: { epoch: 1, seq: 5 } })
    made.stop()
  })
})
