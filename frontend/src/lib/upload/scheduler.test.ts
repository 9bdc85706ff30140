import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PartError } from './failure'
import { sendParts, type Connection, type PartTransport, type RunNote, type RunOptions } from './scheduler'

const PLAN = { size: 95, partSize: 10, partCount: 10 }

function online(): Connection {
  return { isOnline: () => true, untilOnline: () => Promise.resolve() }
}

/** An object store in memory: counts what is in flight and can be told to fail. */
function fakeStore() {
  const store = {
    inFlight: 0,
    mostInFlight: 0,
    puts: [] as string[],
    sizes: new Map<number, number>(),
    reported: new Map<number, string>(),
    signCalls: [] as number[][],
    failures: [] as (PartError | null)[],
    generation: 0,
  }
  const transport: PartTransport = {
    sign: (numbers) => {
      store.signCalls.push(numbers)
      store.generation++
      return Promise.resolve(Object.fromEntries(numbers.map((n) => [String(n), `s3/${n}?g=${store.generation}`])))
    },
    put: async (url, body, onSent, signal) => {
      store.inFlight++
      store.mostInFlight = Math.max(store.mostInFlight, store.inFlight)
      store.puts.push(url)
      await Promise.resolve()
      store.inFlight--
      signal.throwIfAborted()
      const failure = store.failures.shift()
      if (failure) throw failure
      onSent(body.size)
      const n = Number(/s3\/(\d+)/.exec(url)?.[1])
      store.sizes.set(n, body.size)
      return `"etag-${n}"`
    },
    report: (n, etag) => {
      store.reported.set(n, etag)
      return Promise.resolve()
    },
  }
  return { store, transport }
}

function options(transport: PartTransport, more: Partial<RunOptions> = {}): RunOptions {
  return {
    file: new Blob(['x'.repeat(PLAN.size)]),
    plan: PLAN,
    done: new Set(),
    concurrency: 3,
    transport,
    connection: online(),
    signal: new AbortController().signal,
    random: () => 0,
    ...more,
  }
}

describe('sendParts', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('sends every part once, three in flight, the last with its remainder', async () => {
    const { store, transport } = fakeStore()
    const sent: number[] = []
    await sendParts(options(transport, { onSent: (bytes) => sent.push(bytes) }))
    expect(store.mostInFlight).toBe(3)
    expect(store.puts).toHaveLength(10)
    expect(store.sizes.get(1)).toBe(10)
    expect(store.sizes.get(10)).toBe(5)
    expect(store.reported.get(10)).toBe('"etag-10"')
    expect(sent.at(-1)).toBe(95)
  })

  it('sends only what is missing and counts what is there', async () => {
    const { store, transport } = fakeStore()
    const sent: number[] = []
    const done = new Set([1, 2, 3, 4, 5, 6, 7, 10])
    await sendParts(options(transport, { done, onSent: (bytes) => sent.push(bytes) }))
    expect([...store.reported.keys()].sort()).toEqual([8, 9])
    expect(sent[0]).toBe(75)
    expect(sent.at(-1)).toBe(95)
  })

  it('signs in batches that the lanes share', async () => {
    const { store, transport } = fakeStore()
    await sendParts(options(transport))
    expect(store.signCalls.length).toBeLessThanOrEqual(2)
    expect(store.signCalls.flat().sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('tries again after a pause when the store or the network fails', async () => {
    const { store, transport } = fakeStore()
    store.failures = [new PartError(500), new PartError(0), new PartError(503)]
    const notes: RunNote[] = []
    const run = sendParts(options(transport, { onNote: (note) => notes.push(note) }))
    await vi.runAllTimersAsync()
    await run
    expect(store.reported.size).toBe(10)
    expect(store.puts).toHaveLength(13)
    expect(notes).toContain('retrying')
    expect(notes.at(-1)).toBe('sending')
  })

  it('asks for new addresses on 403, without a pause', async () => {
    const { store, transport } = fakeStore()
    store.failures = [new PartError(403)]
    await sendParts(options(transport))
    expect(store.reported.size).toBe(10)
    expect(store.puts.filter((url) => url.startsWith('s3/1?'))).toEqual(['s3/1?g=1', 's3/1?g=2'])
  })

  it('gives up when new addresses are refused too', async () => {
    const { store, transport } = fakeStore()
    store.failures = Array.from({ length: 40 }, () => new PartError(403))
    await expect(sendParts(options(transport))).rejects.toMatchObject({ status: 403 })
  })

  it('stops at once on an answer that trying again cannot cure', async () => {
    const { store, transport } = fakeStore()
    store.failures = [new PartError(404)]
    await expect(sendParts(options(transport))).rejects.toMatchObject({ status: 404 })
    expect(store.puts.length).toBeLessThanOrEqual(4)
  })

  it('gives up after eight tries', async () => {
    const { store, transport } = fakeStore()
    store.failures = Array.from({ length: 100 }, () => new PartError(500))
    const run = sendParts(options(transport, { concurrency: 1 }))
    const outcome = expect(run).rejects.toMatchObject({ status: 500 })
    await vi.runAllTimersAsync()
    await outcome
    expect(store.puts).toHaveLength(8)
  })

  it('waits while offline, for as long as it takes, and goes on by itself', async () => {
    const { store, transport } = fakeStore()
    let isOnline = false
    let goOnline = () => {}
    const back = new Promise<void>((resolve) => (goOnline = resolve))
    store.failures = [new PartError(0), new PartError(0), new PartError(0)]
    const notes: RunNote[] = []
    const run = sendParts(
      options(transport, {
        connection: { isOnline: () => isOnline, untilOnline: () => back },
        onNote: (note) => notes.push(note),
      }),
    )
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(notes.at(-1)).toBe('offline')
    expect(store.reported.size).toBe(0)
    isOnline = true
    goOnline()
    await run
    expect(store.reported.size).toBe(10)
    expect(notes.at(-1)).toBe('sending')
  })

  it('stops on pause and goes on later with the parts that are done', async () => {
    const { store, transport } = fakeStore()
    const pause = new AbortController()
    const done = new Set<number>()
    const first = sendParts(
      options(transport, {
        signal: pause.signal,
        onPart: (n) => {
          done.add(n)
          if (done.size === 4) pause.abort(new Error('paused'))
        },
      }),
    )
    await expect(first).rejects.toThrow('paused')
    const before = store.puts.length
    await sendParts(options(transport, { done }))
    expect(store.reported.size).toBe(10)
    expect(store.puts.length - before).toBe(10 - done.size)
  })

  it('has nothing to do when every part is there', async () => {
    const { store, transport } = fakeStore()
    await sendParts(options(transport, { done: new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) }))
    expect(store.signCalls).toHaveLength(0)
  })

  it('reports again when only the report failed, without sending the bytes twice', async () => {
    const { store, transport } = fakeStore()
    let failures = 2
    const report = transport.report
    transport.report = (n, etag, size) =>
      failures-- > 0 ? Promise.reject(new PartError(503)) : report(n, etag, size)
    const run = sendParts(options(transport))
    await vi.runAllTimersAsync()
    await run
    expect(store.puts).toHaveLength(10)
    expect(store.reported.size).toBe(10)
  })
})
