import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { askTicket } from '@/api/realtime'
import { createEmitter } from '@/lib/emitter'
import { createRealtimeClient, type Connection } from '@/realtime/client'
import { isUserEvent, type ChannelSignals, type Handlers, type UserEvents } from '@/realtime/events'
import type { Cursor, RealtimeEvent } from '@/realtime/protocol'
import { useSession } from './session'

interface Listener extends ChannelSignals {
  take: (event: RealtimeEvent) => void
}

/** One socket for all that is listened to: my own channel as a typed bus, and any other for as long as somebody follows it. */
export const useEvents = defineStore('events', () => {
  const session = useSession()
  const state = ref<Connection>('closed')
  const bus = createEmitter<UserEvents>()
  const channels = new Map<string, Set<Listener>>()
  const listeners = (channel: string) => [...(channels.get(channel) ?? [])]
  /** Whose ticket the socket was opened with; null for a guest, undefined before the first. */
  let openedAs: number | null | undefined

  const client = createRealtimeClient({
    url: () => `${location.origin.replace(/^http/, 'ws')}/ws`,
    ticket: async () => {
      await session.restore()
      openedAs = session.user?.id ?? null
      return openedAs === null ? null : (await askTicket()).ticket
    },
    onEvent: (channel, event) => listeners(channel).forEach((one) => one.take(event)),
    onReload: (channel) => listeners(channel).forEach((one) => one.reload?.()),
    onRefused: (channel, code) => listeners(channel).forEach((one) => one.refused?.(code)),
    onState: (next) => (state.value = next),
  })

  function listen(channel: string, listener: Listener, since?: Cursor): () => void {
    const set = channels.get(channel) ?? new Set()
    channels.set(channel, set.add(listener))
    const isBehind = client.subscribe(channel, since)
    client.start()
    // Not at once: whoever begins to listen is still being set up.
    if (isBehind) queueMicrotask(() => set.has(listener) && listener.reload?.())
    return () => {
      if (!set.delete(listener) || set.size > 0) return
      channels.delete(channel)
      client.unsubscribe(channel)
      if (channels.size === 0) client.stop()
    }
  }

  /** Gives the function that stops. With `since`, where what is shown ends, nothing needs to be loaded again. */
  function follow<Events extends object>(
    channel: string,
    handlers: Handlers<Events>,
    signals: ChannelSignals = {},
    since?: Cursor,
  ): () => void {
    return listen(channel, { ...signals, take: (event) => hand(handlers, event) }, since)
  }

  const own: Listener = {
    take: (event) => {
      if (isUserEvent(event.type)) bus.emit(event.type, event.data as never)
    },
    reload: () => bus.emit('reload', null),
  }
  let leaveOwn: (() => void) | undefined
  watch(
    () => session.user?.id,
    (id) => {
      const leaveOld = leaveOwn
      leaveOwn = id === undefined ? undefined : listen(`user:${id}`, own)
      leaveOld?.()
      if (openedAs !== undefined && openedAs !== (id ?? null)) client.restart()
    },
    { immediate: true },
  )

  return { state, on: bus.on, follow, publish: client.publish }
})

function hand<Events extends object>(handlers: Handlers<Events>, event: RealtimeEvent): void {
  if (!Object.hasOwn(handlers, event.type)) return
  const name = event.type as keyof Events
  handlers[name]?.(event.data as Events[typeof name], { seq: event.seq, at: event.at })
}
