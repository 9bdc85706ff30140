import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { readItem, writeItem } from '@/lib/storage'

const KEY = 'trunkline.player'

interface Saved {
  volume: number
  isMuted: boolean
  rate: number
  quality: string
  captions: string
  isTheatre: boolean
  /** Go on with the next video at the end of one. */
  isAutoplay: boolean
}

const DEFAULTS: Saved = { volume: 1, isMuted: false, rate: 1, quality: 'auto', captions: '', isTheatre: false, isAutoplay: true }

/** How this person likes to watch; kept in the browser. `quality` is `auto` or a label, `captions` a language or empty. */
export const usePlayerChoice = defineStore('player', () => {
  const saved = load()
  const volume = ref(saved.volume)
  const isMuted = ref(saved.isMuted)
  const rate = ref(saved.rate)
  const quality = ref(saved.quality)
  const captions = ref(saved.captions)
  const isTheatre = ref(saved.isTheatre)
  const isAutoplay = ref(saved.isAutoplay)

  watch([volume, isMuted, rate, quality, captions, isTheatre, isAutoplay], () =>
    writeItem(KEY, JSON.stringify({
      volume: volume.value,
      isMuted: isMuted.value,
      rate: rate.value,
      quality: quality.value,
      captions: captions.value,
      isTheatre: isTheatre.value,
      isAutoplay: isAutoplay.value,
    } satisfies Saved)),
  )
  return { volume, isMuted, rate, quality, captions, isTheatre, isAutoplay }
})

function load(): Saved {
  try {
    const found: unknown = JSON.parse(readItem(KEY) ?? '{}')
    const saved = { ...DEFAULTS, ...(typeof found === 'object' ? found : {}) }
    const isSound = Number.isFinite(saved.volume) && saved.volume >= 0 && saved.volume <= 1
    const isPace = Number.isFinite(saved.rate) && saved.rate >= 0.25 && saved.rate <= 2
    return { ...saved, volume: isSound ? saved.volume : 1, rate: isPace ? saved.rate : 1 }
  } catch {
    return DEFAULTS
  }
}
