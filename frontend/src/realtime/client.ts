import { reconnectDelay } from '@/lib/backoff'
import { takeAnswer, takeEvents, type Outcome } from './cursor'
import { readFrame, SUBPROTOCOL } from './protocol'
import type { Cursor, Frame, PubAnswer, RealtimeEvent, Request } from './protocol'

export type Connection = 'closed' | 'connecting' | 'open'

export interface ClientOptions {
  url: () => string
  /** Null for a guest. Throws while the service cannot be reached. */
  ticket: () => Promise<string | null>
  onEvent: (channel: string, event: RealtimeEvent) => void
  /** Events may be missing: whoever shows this channel loads again. Also after a first `subscribe` without a cursor. */
  onReload: (channel: string) => void
  /** The channel is not there, or not for us. It is asked for again with the next connection. */
  onRefused?: (channel: string, code: string) => void
  onState?: (state: Connection) => void
  openSocket?: (url: string, protocol: string) => WebSocket
  random?: () => number
}

export interface RealtimeClient {
  start(): void
  stop(): void
  /** Connects anew, as somebody else; every channel goes on where it stopped. */
  restart(): void
  /**
   * `since` is where what is shown ends: nothing between is missed, and nothing needs to be loaded again. True where
   * the channel, which somebody else follows already, is further on: what lies between has to be loaded.
   */
  subscribe(channel: string, since?: Cursor): boolean
  unsubscribe(channel: string): void
  /** The same `cid` again is the same message, however often it is sent. */
  publish(channel: string, type: string, data: unknown, cid?: string): Promise<PubAnswer>
}

const PING_EVERY_MS = 25_000
const ANSWER_WITHIN_MS = 10_000
/** A connection that lived this long was a good one, so the next wait is short again. */
const STEADY_MS = 20_000

interface Channel {
  cursor: Cursor | null
  isAsking: boolean
}

/** One socket for everything. It comes back by itself, and each channel goes on where it stopped. */
export function createRealtimeClient(options: ClientOptions): RealtimeClient {
  const channels = new Map<string, Channel>()
  const waiting = new Map<number, (frame: Frame | null) => void>()
  const openSocket = options.openSocket ?? ((url, protocol) => new WebSocket(url, protocol))
  let socket: WebSocket | null = null
  let isStarted = false
  let isSignedIn = false
  let attempt = 0
  let lastId = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let pingTimer: ReturnType<typeof setInterval> | undefined

  function start(): void {
    if (isStarted) return
    isStarted = true
    window.addEventListener('online', comeBack)
    window.addEventListener('offline', dropSocket)
    document.addEventListener('visibilitychange', comeBack)
    void connect()
  }

  function stop(): void {
    isStarted = false
    generation++
    window.removeEventListener('online', comeBack)
    window.removeEventListener('offline', dropSocket)
    document.removeEventListener('visibilitychange', comeBack)
    clearTimeout(retryTimer)
    channels.clear()
    dropSocket()
  }

  function comeBack(): void {
    if (!isStarted || socket || document.visibilityState === 'hidden') return
    clearTimeout(retryTimer)
    void connect()
  }

  /** Reserves the place while the ticket is fetched, so that two calls never open two sockets. */
  let isConnecting = false
  /** Grows when whoever is at the socket may have changed: a ticket that was asked for before is not used. */
  let generation = 0
  async function connect(): Promise<void> {
    if (isConnecting || !navigator.onLine) return
    isConnecting = true
    const mine = generation
    options.onState?.('connecting')
    const ticket = await options.ticket().catch(() => undefined)
    isConnecting = false
    if (!isStarted) return
    if (mine !== generation) void connect()
    else if (ticket === undefined) retryLater()
    else open(ticket)
  }

  function open(ticket: string | null): void {
    const mine = openSocket(options.url(), SUBPROTOCOL)
    let steadyTimer: ReturnType<typeof setTimeout> | undefined
    socket = mine
    mine.onopen = () => {
      steadyTimer = setTimeout(() => (attempt = 0), STEADY_MS)
      pingTimer = setInterval(() => void ask({ op: 'ping' }), PING_EVERY_MS)
      void signIn(ticket)
    }
    mine.onmessage = (message: MessageEvent) => {
      if (socket === mine && typeof message.data === 'string') receive(message.data)
    }
    mine.onclose = () => {
      clearTimeout(steadyTimer)
      if (socket !== mine) return
      forget()
      retryLater()
    }
  }

  async function signIn(ticket: string | null): Promise<void> {
    if (ticket !== null) {
      const answer = await ask({ op: 'auth', ticket })
      if (answer?.kind !== 'answer') return dropAndRetry()
    }
    isSignedIn = true
    options.onState?.('open')
    for (const name of channels.keys()) void askChannel(name)
  }

  async function askChannel(name: string): Promise<void> {
    const channel = channels.get(name)
    if (!channel || !isSignedIn || channel.isAsking) return
    channel.isAsking = true
    const since = channel.cursor
    const answer = await ask(since ? { op: 'sub', ch: name, since } : { op: 'sub', ch: name })
    channel.isAsking = false
    if (channels.get(name) !== channel) return
    // Nobody's fault and soon over: whoever took it for a no would hear nothing more of this channel.
    if (answer?.kind === 'refusal' && answer.code === 'unavailable') return dropAndRetry()
    if (answer?.kind === 'refusal') return options.onRefused?.(name, answer.code)
    if (answer?.kind !== 'answer') return
    const ok = answer.ok
    const top = { epoch: ok.epoch as Cursor['epoch'], seq: Number(ok.seq ?? 0), reset: ok.reset === true }
    // Missed events may have arrived before the answer; they have moved the cursor on, which stays valid.
    apply(name, channel, since ? takeAnswer(channel.cursor ?? since, laterOf(channel, top)) : takeAnswer(null, top))
    if (!since) options.onReload(name)
  }

  /** The top named in the answer may be older than events that overtook it. */
  function laterOf(channel: Channel, top: Cursor & { reset: boolean }): Cursor & { reset: boolean } {
    const isSameEpoch = channel.cursor?.epoch === top.epoch
    return isSameEpoch ? { ...top, seq: Math.max(top.seq, top.reset ? 0 : (channel.cursor?.seq ?? 0)) } : top
  }

  function apply(name: string, channel: Channel, outcome: Outcome): void {
    channel.cursor = outcome.cursor
    for (const event of outcome.fresh) options.onEvent(name, event)
    if (outcome.next === 'reload') options.onReload(name)
    if (outcome.next === 'ask-again') void askChannel(name)
  }

  function receive(text: string): void {
    const frame = readFrame(text)
    if (!frame) return
    if (frame.kind !== 'events') {
      waiting.get(frame.id)?.(frame)
      waiting.delete(frame.id)
      return
    }
    const channel = channels.get(frame.channel)
    if (!channel) return
    if (frame.reset) {
      channel.cursor = null
      void askChannel(frame.channel)
    } else apply(frame.channel, channel, takeEvents(channel.cursor, frame.events))
  }

  /** Null when the socket died or did not answer in time; silence means that it is dead without knowing it. */
  function ask(request: Request): Promise<Frame | null> {
    const id = ++lastId
    return new Promise((resolve) => {
      if (socket?.readyState !== WebSocket.OPEN) return resolve(null)
      const timer = setTimeout(() => {
        waiting.delete(id)
        resolve(null)
        dropAndRetry()
      }, ANSWER_WITHIN_MS)
      waiting.set(id, (frame) => {
        clearTimeout(timer)
        resolve(frame)
      })
      socket.send(JSON.stringify({ id, ...request }))
    })
  }

  function forget(): void {
    socket = null
    isSignedIn = false
    clearInterval(pingTimer)
    for (const settle of waiting.values()) settle(null)
    waiting.clear()
    for (const channel of channels.values()) channel.isAsking = false
    options.onState?.('closed')
  }

  function dropSocket(): void {
    const old = socket
    forget()
    old?.close()
  }

  function dropAndRetry(): void {
    dropSocket()
    retryLater()
  }

  function retryLater(): void {
    if (!isStarted) return
    clearTimeout(retryTimer)
    retryTimer = setTimeout(comeBack, reconnectDelay(attempt++, options.random))
  }

  function restart(): void {
    if (!isStarted) return
    generation++
    attempt = 0
    dropSocket()
    clearTimeout(retryTimer)
    void connect()
  }

  function subscribe(name: string, since?: Cursor): boolean {
    const at = channels.get(name)?.cursor
    if (channels.has(name)) return since !== undefined && !!at && (at.epoch !== since.epoch || at.seq > since.seq)
    // The service refuses a place with more in it, such as the page of history that it came with.
    channels.set(name, { cursor: since ? { epoch: since.epoch, seq: since.seq } : null, isAsking: false })
    void askChannel(name)
    return false
  }

  function unsubscribe(name: string): void {
    if (channels.delete(name) && isSignedIn) void ask({ op: 'unsub', ch: name })
  }

  async function publish(ch: string, type: string, data: unknown, cid?: string): Promise<PubAnswer> {
    if (!isSignedIn) return { kind: 'lost' }
    const answer = await ask(cid === undefined ? { op: 'pub', ch, type, data } : { op: 'pub', ch, type, data, cid })
    if (answer?.kind === 'refusal') return { ...answer, kind: 'refused' }
    if (answer?.kind !== 'answer') return { kind: 'lost' }
    if (answer.ok.held === true) return { kind: 'held' }
    return { kind: 'stored', seq: typeof answer.ok.seq === 'number' ? answer.ok.seq : null }
  }

  return { start, stop, restart, subscribe, unsubscribe, publish }
}
