import { ref, shallowRef } from 'vue'
import { endSession, listSessions } from '@/api/auth'
import type { Device } from '@/api/types'
import { useUserEvent } from './useUserEvent'

/** Where I am signed in. */
export function useDevices() {
  const devices = ref<Device[] | null>(null)
  const error = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    error.value = null
    try {
      devices.value = (await listSessions()).items
    } catch (cause) {
      error.value = cause
    }
  }

  async function end(id: string): Promise<void> {
    await endSession(id)
    devices.value = devices.value?.filter((device) => device.id !== id) ?? null
  }

  useUserEvent('session:revoked', () => void load())
  void load()
  return { devices, error, load, end }
}
