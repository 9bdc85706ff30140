import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Shown only when a page takes longer than this. */
const PATIENCE_MS = 120

/** The thin bar of a page change. */
export const useProgress = defineStore('progress', () => {
  const isShown = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function start(): void {
    clearTimeout(timer)
    timer = setTimeout(() => (isShown.value = true), PATIENCE_MS)
  }

  function done(): void {
    clearTimeout(timer)
    isShown.value = false
  }

  return { isShown, start, done }
})
