import { reconnectDelay } from '../backoff'
import { judgeCall, judgePut, PartError, type Verdict } from './failure'
import { bytesOf, missingParts, rangeOf, type PartPlan } from './parts'
import { sleep } from './sleep'

export interface PartTransport {
  /** Signed addresses by part number. */
  sign(numbers: number[]): Promise<Record<string, string>>
  /** Sends one part and gives its ETag; tells how many bytes of it have left. */
  put(url: string, body: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<string>
  report(n: number, etag: string, size: number): Promise<void>
}

export interface Connection {
  isOnline(): boolean
  /** Resolves when the browser says that it is online again. */
  untilOnline(signal: AbortSignal): Promise<void>
}

export type RunNote = 'sending' | 'retrying' | 'offline'

export interface RunOptions {
  file: Blob
  plan: PartPlan
  done: ReadonlySet<number>
  concurrency: number
  transport: PartTransport
  connection: Connection
  signal: AbortSignal
  onSent?: (bytes: number) => void
  onPart?: (n: number) => void
  onNote?: (note: RunNote) => void
  random?: () => number
}

/** Tries of one step that got an answer or none while online, before the run gives up. */
const MAX_TRIES = 8
const MAX_SIGNINGS = 3

/** Sends every missing part, `concurrency` at a time. Rejects with the first error that trying again cannot cure. */
export async function sendParts(options: RunOptions): Promise<void> {
  const run = new AbortController()
  const stop = () => run.abort(options.signal.reason)
  if (options.signal.aborted) stop()
  options.signal.addEventListener('abort', stop, { once: true })

  const queue = missingParts(options.plan, options.done)
  const state = newState(options, run.signal, queue)
  const lanes = Math.max(1, Math.min(options.concurrency, queue.length))
  state.tell()
  try {
    await Promise.all(Array.from({ length: lanes }, () => lane(state)))
  } catch (error) {
    run.abort(error)
    throw error
  } finally {
    options.signal.removeEventListener('abort', stop)
  }
}

interface RunState {
  options: RunOptions
  signal: AbortSignal
  queue: number[]
  urls: Map<number, string>
  signing: Promise<void> | null
  inFlight: Map<number, number>
  doneBytes: number
  waiting: Map<number, RunNote>
  tell(): void
}

function newState(options: RunOptions, signal: AbortSignal, queue: number[]): RunState {
  const state: RunState = {
    options,
    signal,
    queue,
    urls: new Map(),
    signing: null,
    inFlight: new Map(),
    doneBytes: bytesOf(options.plan, options.done),
    waiting: new Map(),
    tell() {
      let bytes = state.doneBytes
      for (const sent of state.inFlight.values()) bytes += sent
      options.onSent?.(bytes)
    },
  }
  return state
}

async function lane(state: RunState): Promise<void> {
  for (;;) {
    state.signal.throwIfAborted()
    const n = state.queue.shift()
    if (n === undefined) return
    await sendPart(state, n)
  }
}

async function sendPart(state: RunState, n: number): Promise<void> {
  const { options } = state
  const range = rangeOf(options.plan, n)
  let signings = 0
  const put = async (): Promise<string> => {
    const url = await urlFor(state, n)
    try {
      return await options.transport.put(
        url,
        options.file.slice(range.start, range.end),
        (bytes) => {
          state.inFlight.set(n, Math.min(bytes, range.size))
          note(state, n, null)
          state.tell()
        },
        state.signal,
      )
    } catch (error) {
      state.inFlight.delete(n)
      state.tell()
      if (judgePut(error) !== 'sign-again') throw error
      if (++signings > MAX_SIGNINGS) throw error
      state.urls.clear()
      return put()
    }
  }
  const etag = await persist(state, n, put, judgePut)
  await persist(state, n, () => options.transport.report(n, etag, range.size), judgeCall)
  state.inFlight.delete(n)
  state.doneBytes += range.size
  note(state, n, null)
  state.tell()
  options.onPart?.(n)
}

/** Runs a step again after a pause while trying again makes sense. Being offline costs no try. */
async function persist<T>(
  state: RunState,
  n: number,
  step: () => Promise<T>,
  judge: (error: unknown) => Verdict,
): Promise<T> {
  const { connection } = state.options
  for (let tries = 1; ; ) {
    try {
      return await step()
    } catch (error) {
      state.signal.throwIfAborted()
      if (judge(error) !== 'retry') throw error
      if (!connection.isOnline()) {
        note(state, n, 'offline')
        await connection.untilOnline(state.signal)
        continue
      }
      if (tries >= MAX_TRIES) throw error
      note(state, n, 'retrying')
      await sleep(reconnectDelay(tries, state.options.random), state.signal)
      tries++
    }
  }
}

/** Signs for this part and for those that come next, in one call that all lanes share. */
async function urlFor(state: RunState, n: number): Promise<string> {
  const { transport, concurrency } = state.options
  while (!state.urls.has(n)) {
    if (state.signing) {
      await state.signing
      continue
    }
    const busy = [...state.inFlight.keys()]
    const next = state.queue.slice(0, concurrency * 3)
    const wanted = [...new Set([n, ...busy, ...next])].filter((part) => !state.urls.has(part))
    state.signing = transport
      .sign(wanted)
      .then((urls) => {
        for (const [part, url] of Object.entries(urls)) state.urls.set(Number(part), url)
        if (!state.urls.has(n)) throw new PartError(500, 'part_not_signed')
      })
      .finally(() => (state.signing = null))
    await state.signing
  }
  const url = state.urls.get(n)
  if (url === undefined) throw new PartError(500, 'part_not_signed')
  return url
}

function note(state: RunState, n: number, value: RunNote | null): void {
  if (value === null) state.waiting.delete(n)
  else state.waiting.set(n, value)
  const notes = [...state.waiting.values()]
  state.options.onNote?.(notes.includes('offline') ? 'offline' : notes.includes('retrying') ? 'retrying' : 'sending')
}
