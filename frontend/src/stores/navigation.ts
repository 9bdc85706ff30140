import { defineStore } from 'pinia'
import { ref } from 'vue'

/** How the present page was reached: by the browser's back and forward, or by a link. */
export const useNavigation = defineStore('navigation', () => {
  const isBack = ref(false)
  let hasPopped = false
  window.addEventListener('popstate', () => (hasPopped = true))

  function arrive(): void {
    isBack.value = hasPopped
    hasPopped = false
  }

  return { isBack, arrive }
})
