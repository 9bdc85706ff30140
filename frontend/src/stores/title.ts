import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

/** A page's own title. A page that is left may not take away the title of the one that came. */
export const useTitle = defineStore('title', () => {
  const shown = shallowRef<{ owner: symbol; text: string | null } | null>(null)
  return {
    own: computed(() => shown.value?.text ?? null),
    set: (owner: symbol, text: string | null) => (shown.value = { owner, text }),
    clear: (owner: symbol) => {
      if (shown.value?.owner === owner) shown.value = null
    },
  }
})
