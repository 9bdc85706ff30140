import { ref } from 'vue'
import type { Video, VideoPatch } from '@/api/types'
import { updateVideo } from '@/api/videos'
import { useToast } from './useToast'

/** Changes who may see a video, one change at a time. */
export function usePublish(video: () => Video, onSaved: (video: Video) => void) {
  const toast = useToast()
  const isBusy = ref(false)

  async function save(patch: VideoPatch): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    try {
      onSaved(await updateVideo(video().id, patch))
    } catch (error) {
      toast.error(error)
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, save }
}
