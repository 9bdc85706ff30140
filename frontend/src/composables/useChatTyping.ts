import { computed, ref, watch } from 'vue'
import { nowTyping, SAY_TYPING_MS, stillTyping, stoppedTyping, type Typing } from '@/lib/chat/typing'
import type { LiveEvents } from '@/realtime/events'
import { useSession } from '@/stores/session'
import { useChannel } from './useChannel'
import { useNow } from './useNow'

/** Who is typing in a live's chat, and saying that I am. */
export function useChatTyping(id: string) {
  const session = useSession()
  const typing = ref<Typing>(new Map())
  const names = computed(() => [...typing.value.keys()])
  const now = useNow()
  let saidAt = 0

  const { publish } = useChannel<LiveEvents>(() => `live:${id}`, {
    'chat:typing': ({ name }) => {
      if (name !== session.user?.username) typing.value = nowTyping(typing.value, name, Date.now())
    },
    'chat:message': ({ by }) => (typing.value = stoppedTyping(typing.value, by.name)),
  })
  watch(now, (time) => (typing.value = stillTyping(typing.value, time)))

  /** Not more often than anybody needs to know. A refusal does not matter. */
  function say(): void {
    if (Date.now() - saidAt < SAY_TYPING_MS) return
    saidAt = Date.now()
    void publish('chat:typing', {})
  }

  /** The message is sent: the next letter is news again. */
  const stop = () => (saidAt = 0)

  return { names, say, stop }
}
