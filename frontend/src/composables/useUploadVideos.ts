import { computed, reactive, ref, shallowReactive } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Video } from '@/api/types'
import { updateVideo } from '@/api/videos'
import { isReadyToPublish, type Audience } from '@/lib/video/publish'
import { useUploads } from '@/stores/uploads'
import { useToast } from './useToast'

/** The videos that the uploads become, as their cards know them, and what is done with all of them. */
export function useUploadVideos() {
  const { t } = useI18n()
  const toast = useToast()
  const uploads = useUploads()
  const videos = shallowReactive(new Map<string, Video>())
  const audiences = reactive(new Map<string, Audience>())
  const isBusy = ref(false)

  const ready = computed(() =>
    uploads.items.flatMap((item) => {
      const video = item.videoId === null ? undefined : videos.get(item.videoId)
      return video && isReadyToPublish(video) && audienceOf(video.id) !== 'later' ? [video] : []
    }),
  )
  const audienceOf = (id: string | null): Audience => (id === null ? undefined : audiences.get(id)) ?? 'public'

  /** Each as its card says; one that is refused keeps no other back. */
  async function publishAll(): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    const answers = await Promise.allSettled(
      ready.value.map((video) => updateVideo(video.id, { visibility: audienceOf(video.id) === 'unlisted' ? 'unlisted' : 'public' })),
    )
    isBusy.value = false
    const done = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    for (const video of done) videos.set(video.id, video)
    if (done.length > 0) toast.success(t('upload.publish.allDone', { count: done.length }, done.length))
    const refused = answers.find((answer) => answer.status === 'rejected')
    if (refused) toast.error(refused.reason)
  }

  return {
    videos,
    ready,
    isBusy,
    audienceOf,
    choose: (id: string | null, audience: Audience) => void (id !== null && audiences.set(id, audience)),
    publishAll,
  }
}
