import { computed, ref, shallowRef } from 'vue'
import { toApiError } from '@/api/problem'
import type { Caption, SavedCaption, Video } from '@/api/types'
import { deleteCaption, putCaption } from '@/api/videos'
import { captionProblem, captionType, preview, type CaptionProblem, type Encoding } from '@/lib/video/captions'
import { useLimits } from '@/stores/limits'
import { useToast } from './useToast'

/** Languages offered first; any other tag may be typed. */
const COMMON = ['en', 'zh-TW', 'zh-CN', 'ko', 'ja', 'es', 'fr', 'de', 'pt', 'vi', 'th', 'id']

/** A language under its own name: 한국어, 繁體中文. */
export function languageName(lang: string): string {
  try {
    return new Intl.DisplayNames([lang], { type: 'language' }).of(lang) ?? lang
  } catch {
    return lang
  }
}

/** A file whose encoding the service could not tell, and what each reading would make of it. */
interface Doubtful {
  file: File
  bytes: ArrayBuffer
}

/** The captions of my video: listed, added and taken away. */
export function useCaptions(video: () => Video, changed: (captions: Caption[]) => void) {
  const toast = useToast()
  const rules = useLimits()
  void rules.load()
  const lang = ref('en')
  const isBusy = ref(false)
  const problem = ref<CaptionProblem | null>(null)
  const failure = shallowRef<unknown>(null)
  const saved = ref<SavedCaption | null>(null)
  const doubtful = shallowRef<Doubtful | null>(null)
  const encoding = ref<Encoding>('euc-kr')
  const choices = computed(() => COMMON.map((tag) => ({ value: tag, label: `${languageName(tag)} (${tag})` })))
  const shown = computed(() => (doubtful.value ? preview(doubtful.value.bytes, encoding.value) : ''))

  async function add(file: File, as?: Encoding): Promise<void> {
    failure.value = saved.value = null
    problem.value = captionProblem(lang.value, file, rules.limits?.caption_max_bytes ?? null)
    const type = captionType(file.name)
    if (problem.value || type === null) return
    isBusy.value = true
    try {
      const added = await putCaption(video().id, lang.value, { label: languageName(lang.value), encoding: as }, file, type)
      saved.value = added
      doubtful.value = null
      const { lang: tag, label } = added
      changed([...video().captions.filter((caption) => caption.lang !== tag), { lang: tag, label }])
    } catch (error) {
      failure.value = error
      const isDoubtful = toApiError(error).fieldCodes.body?.code === 'captions_encoding'
      doubtful.value = isDoubtful ? { file, bytes: await file.arrayBuffer() } : null
    } finally {
      isBusy.value = false
    }
  }
  async function addDoubtful(): Promise<void> {
    if (doubtful.value) await add(doubtful.value.file, encoding.value)
  }
  async function remove(caption: Caption): Promise<void> {
    try {
      await deleteCaption(video().id, caption.lang)
      changed(video().captions.filter((other) => other.lang !== caption.lang))
    } catch (error) {
      toast.error(error)
    }
  }
  const limit = computed(() => rules.limits?.caption_max_bytes ?? null)
  return { lang, isBusy, problem, failure, saved, doubtful, encoding, shown, choices, limit, add, addDoubtful, remove }
}
