import { ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Video } from '@/api/types'
import { like, unlike } from '@/api/videos'
import { useSession } from '@/stores/session'
import { useToast } from './useToast'

/** Shown at once, taken back when the service says no. Guests are asked to sign in and come back. */
export function useLike(video: () => Video) {
  const session = useSession()
  const route = useRoute()
  const router = useRouter()
  const toast = useToast()
  const isLiked = ref(video().is_liked)
  const count = ref(video().like_count)
  let isBusy = false

  watch(video, (next) => {
    if (isBusy) return
    isLiked.value = next.is_liked
    count.value = next.like_count
  })

  async function toggle(): Promise<void> {
    if (!session.isSignedIn) return void router.push({ name: 'login', query: { next: route.fullPath } })
    if (isBusy) return
    isBusy = true
    const before = { isLiked: isLiked.value, count: count.value }
    isLiked.value = !before.isLiked
    count.value += isLiked.value ? 1 : -1
    try {
      const answer = await (isLiked.value ? like : unlike)(video().id)
      isLiked.value = answer.is_liked
      count.value = answer.like_count
    } catch (error) {
      isLiked.value = before.isLiked
      count.value = before.count
      toast.error(error)
    } finally {
      isBusy = false
    }
  }
  return { isLiked, count, toggle }
}
