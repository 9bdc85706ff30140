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
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const last = () => FakeSocket.all.at(-1) as FakeSocket
const numbers = (...all: number[]) => all.map((seq) => ({ seq, type: 't', data: null }))

function client(more: Partial<ClientOptions> = {}) {
  const events: number[] = []
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

async function connect(top = { epoch: 1, seq: 10 }) {
  const all = client()
  all.made.subscribe('user:7')
  all.made.start()
  await settle()
  last().open()
  last().answer('auth', {})
  await settle()
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
})
