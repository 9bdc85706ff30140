import { computed, ref } from 'vue'
import type { Caption, Video } from '@/api/types'
import { deleteCaption, putCaption } from '@/api/videos'
import { useToast } from './useToast'

/** Languages offered first; any other tag may be typed. */
const COMMON = ['en', 'zh-TW', 'zh-CN', 'ko', 'ja', 'es', 'fr', 'de', 'pt', 'vi', 'th', 'id']
const MOST_BYTES = 1_048_576

export type CaptionProblem = 'not_vtt' | 'too_large' | 'bad_language'

export function captionProblem(lang: string, file: { name: string; size: number }): CaptionProblem | null {
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/.test(lang)) return 'bad_language'
  if (!file.name.toLowerCase().endsWith('.vtt')) return 'not_vtt'
  return file.size > MOST_BYTES ? 'too_large' : null
}

/** A language under its own name: 한국어, 繁體中文. */
export function languageName(lang: string): string {
  try {
    return new Intl.DisplayNames([lang], { type: 'language' }).of(lang) ?? lang
  } catch {
    return lang
  }
}

/** The captions of my video: listed, added and taken away. */
export function useCaptions(video: () => Video, changed: (captions: Caption[]) => void) {
  const toast = useToast()
  const lang = ref('en')
  const isBusy = ref(false)
  const problem = ref<CaptionProblem | null>(null)
  const failure = ref<unknown>(null)
  const choices = computed(() => COMMON.map((tag) => ({ value: tag, label: `${languageName(tag)} (${tag})` })))

  async function add(file: File): Promise<void> {
    failure.value = null
    problem.value = captionProblem(lang.value, file)
    if (problem.value) return
    isBusy.value = true
    try {
      const added = await putCaption(video().id, lang.value, languageName(lang.value), file)
      changed([...video().captions.filter((caption) => caption.lang !== added.lang), added])
    } catch (error) {
      failure.value = error
    } finally {
      isBusy.value = false
    }
  }
  async function remove(caption: Caption): Promise<void> {
    try {
      await deleteCaption(video().id, caption.lang)
      changed(video().captions.filter((other) => other.lang !== caption.lang))
    } catch (error) {
      toast.error(error)
    }
  }
  return { lang, isBusy, problem, failure, choices, add, remove }
}
