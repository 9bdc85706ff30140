import { defineStore } from 'pinia'
import { ref } from 'vue'

const MOST = 50

/** Videos opened during this visit, newest first: none of them is played next by itself. */
export const useLately = defineStore('lately', () => {
  const ids = ref<string[]>([])
  function add(id: string): void {
    ids.value = [id, ...ids.value.filter((known) => known !== id)].slice(0, MOST)
  }
  return { ids, add }
})
