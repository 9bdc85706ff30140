import { onScopeDispose } from 'vue'
import type { UserEvents } from '@/realtime/events'
import { useEvents } from '@/stores/events'

/** Listens on my own channel for as long as the component lives. `reload` means: load what you show again. */
export function useUserEvent<Name extends keyof UserEvents>(
  name: Name,
  listener: (payload: UserEvents[Name]) => void,
): void {
  onScopeDispose(useEvents().on(name, listener))
}
