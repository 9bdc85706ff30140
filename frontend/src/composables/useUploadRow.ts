import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useUploads, type UploadItem } from '@/stores/uploads'
import type { useFormat } from './useFormat'
import { useToast } from './useToast'

const PAUSABLE = ['waiting', 'sending', 'retrying', 'offline']

/** What a row of the upload list says and can do. */
export function useUploadRow(item: () => UploadItem) {
  const { t, te } = useI18n()
  const uploads = useUploads()
  const toast = useToast()

  const percent = computed(() => {
    const { sent, size, state } = item()
    // The last percent belongs to the store putting the parts together.
    return state === 'done' ? 100 : Math.min(99, (100 * sent) / Math.max(1, size))
  })
  const stateText = computed(() => {
    const { state, error } = item()
    if (state !== 'failed' || !error) return t(`upload.states.${state}`)
    const key = [`upload.problems.${error.code}`, `errors.${error.code}`].find((name) => te(name) || te(name, 'en'))
    return key ? t(key) : error.message
  })

  function facts(format: ReturnType<typeof useFormat>, words: typeof t): string[] {
    const { state, sent, size, speed, remaining } = item()
    if (state === 'done' || sent === 0) return [format.bytes(size)]
    const found = [words('upload.sentOf', { sent: format.bytes(sent), size: format.bytes(size) })]
    if (speed !== null) found.push(words('upload.speed', { speed: format.bytes(speed) }))
    if (remaining !== null) found.push(words('upload.remaining', { time: format.duration(rounded(remaining)) }))
    return found
  }

  return {
    percent,
    stateText,
    facts,
    canPause: computed(() => PAUSABLE.includes(item().state)),
    canResume: computed(() => item().state === 'paused' || (item().state === 'needs-file' && item().hasHandle)),
    canCancel: computed(() => !['done', 'finishing'].includes(item().state)),
    pause: () => uploads.pause(item().key),
    resume: () => void uploads.resume(item().key),
    cancel: () => uploads.cancel(item().key).catch(toast.error),
    dismiss: () => uploads.dismiss(item().key),
    picked(event: Event): void {
      const file = event.target instanceof HTMLInputElement ? event.target.files?.[0] : undefined
      if (file && !uploads.attach(item().key, file)) toast.error(t('upload.otherFile', { name: item().name }))
    },
  }
}

/** Nobody needs seconds of an hour: whole minutes from ten minutes on. */
function rounded(seconds: number): number {
  return seconds > 600 ? Math.round(seconds / 60) * 60 : seconds
}
