import { defineStore } from 'pinia'
import { ref } from 'vue'
import { getLimits } from '@/api/limits'
import type { Limits } from '@/api/types'
import { singleFlight } from '@/lib/once'

/** What the service takes. Null until it is known: then the service alone refuses. */
export const useLimits = defineStore('limits', () => {
  const limits = ref<Limits | null>(null)
  const load = singleFlight(async () => {
    limits.value ??= await getLimits().catch(() => null)
  })
  return { limits, load }
})
