import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { ApiError } from '@/api/problem'

/** An error that no component caught: the error page takes the place of the content. */
export const useFault = defineStore('fault', () => {
  const fault = shallowRef<{ message: string; requestId: string | null } | null>(null)

  function report(error: unknown): void {
    // Kept in the console for whoever looks; the page itself says it in words.
    reportError(error)
    fault.value = {
      message: error instanceof Error ? error.message : String(error),
      requestId: error instanceof ApiError ? error.requestId : null,
    }
  }

  function clear(): void {
    fault.value = null
  }

  return { fault, report, clear }
})
