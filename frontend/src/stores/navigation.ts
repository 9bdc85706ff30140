import { defineStore } from 'pinia'
import { ref } from 'vue'

/** How the present page was reached: by the browser's back and forward, or by a link. Addresses are full paths. */
export const useNavigation = defineStore('navigation', () => {
  const isBack = ref(false)
  let popped: string | null = null

  /** The browser went back or forward to this address; the router has not yet begun to follow. */
  function pop(path: string): void {
    popped = path
  }

  function arrive(path: string): void {
    isBack.value = popped === path
  }

  /** The way there is over, also when somebody was kept from going. */
  function settle(path: string): void {
    if (popped === path) popped = null
  }

  return { isBack, pop, arrive, settle }
})
