import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useTitle = defineStore('title', () => ({ own: ref<string | null>(null) }))
