import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useNetwork = defineStore('network', () => {
  const isOnline = ref(navigator.onLine)
  /** A page that was asked for and cannot be loaded now; it opens when the connection is back. A full path. */
  const wanted = ref<string | null>(null)
  window.addEventListener('online', () => (isOnline.value = true))
  window.addEventListener('offline', () => (isOnline.value = false))
  return { isOnline, wanted }
})
