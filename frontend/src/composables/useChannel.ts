import { onScopeDispose, ref, watch } from 'vue'
import type { ChannelSignals, Handlers } from '@/realtime/events'
import type { Cursor } from '@/realtime/protocol'
import { useEvents } from '@/stores/events'

/**
 * Listens on a channel for as long as the component lives; on another one when `channel` changes, on none while it
 * is null. `since` is read when a channel is first followed.
 */
export function useChannel<Events extends object>(
  channel: () => string | null,
  handlers: Handlers<Events>,
  signals: ChannelSignals & { since?: () => Cursor | undefined } = {},
) {
  const events = useEvents()
  const isRefused = ref(false)
  let leave: (() => void) | undefined

  function refused(code: string): void {
    isRefused.value = true
    signals.refused?.(code)
  }

  watch(
    channel,
    (name) => {
      leave?.()
      isRefused.value = false
      leave = name === null ? undefined : events.follow(name, handlers, { ...signals, refused }, signals.since?.())
    },
    { immediate: true },
  )
  onScopeDispose(() => leave?.())
  const publish = (type: string, data: unknown, cid?: string) =>
    events.publish(channel() ?? '', type, data, cid)
  return { isRefused, publish }
}
