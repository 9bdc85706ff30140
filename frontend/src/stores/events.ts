import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { askTicket } from '@/api/realtime'
import { createEmitter } from '@/lib/emitter'
import { createRealtimeClient, type Connection } from '@/realtime/client'
import { isUserEvent, type UserEvents } from '@/realtime/events'
import { useSession } from './session'

/** What happens to my things, as it happens: the user's own channel, as a typed bus. */
export const useEvents = defineStore('events', () => {
  const session = useSession()
  const state = ref<Connection>('closed')
  const bus = createEmitter<UserEvents>()

  const client = createRealtimeClient({
    url: () => `${location.origin.replace(/^http/, 'ws')}/ws`,
    ticket: async () => (await askTicket()).ticket,
    onEvent: (_channel, event) => {
      if (isUserEvent(event.type)) bus.emit(event.type, event.data as never)
    },
    onReload: () => bus.emit('reload', null),
    onState: (next) => (state.value = next),
  })

  watch(
    () => session.user?.id,
    (id) => {
      client.stop()
      if (id === undefined) return
      client.subscribe(`user:${id}`)
      client.start()
    },
    { immediate: true },
  )

  return { state, on: bus.on }
})
