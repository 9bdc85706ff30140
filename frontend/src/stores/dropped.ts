import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export interface Dropped {
  files: File[]
  handles: FileSystemFileHandle[]
}

/** Files let go over another page than that of uploads, on their way there. */
export const useDropped = defineStore('dropped', () => {
  const waiting = shallowRef<Dropped | null>(null)

  function take(): Dropped | null {
    const found = waiting.value
    waiting.value = null
    return found
  }

  return { waiting, take }
})
