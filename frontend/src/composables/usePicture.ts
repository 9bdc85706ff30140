import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Video } from '@/api/types'
import { chooseFrame, putPoster } from '@/api/videos'
import { shrink } from '@/lib/video/shrink'
import { useToast } from './useToast'

/** The picture of a video: one of those made of it, or one's own. */
export function usePicture(video: () => Video, onSaved: (video: Video) => void) {
  const { t } = useI18n()
  const toast = useToast()
  const isBusy = ref(false)

  async function change(run: () => Promise<Video | null>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    try {
      const changed = await run()
      if (!changed) return toast.error(t('fields.picture_unusable'))
      onSaved(changed)
      toast.success(t('upload.picture.saved'))
    } catch (error) {
      toast.error(error)
    } finally {
      isBusy.value = false
    }
  }

  return {
    isBusy,
    choose: (frame: number) => change(() => chooseFrame(video().id, frame)),
    send: (file: File) =>
      change(async () => {
        const picture = await shrink(file)
        return picture && putPoster(video().id, picture)
      }),
  }
}
