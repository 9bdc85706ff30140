import { ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { follow, unfollow, type Follow } from '@/api/users'
import { useSession } from '@/stores/session'
import { useToast } from './useToast'

/** Shown at once, taken back when the service says no. Guests are asked to sign in and come back. */
export function useFollow(person: () => { username: string; isFollowing: boolean }, onChanged: (now: Follow) => void) {
  const session = useSession()
  const route = useRoute()
  const router = useRouter()
  const toast = useToast()
  const isFollowing = ref(person().isFollowing)
  const isBusy = ref(false)

  watch(person, (next) => {
    if (!isBusy.value) isFollowing.value = next.isFollowing
  })

  async function toggle(): Promise<void> {
    if (!session.isSignedIn) return void router.push({ name: 'login', query: { next: route.fullPath } })
    if (isBusy.value) return
    isBusy.value = true
    isFollowing.value = !isFollowing.value
    try {
      const now = await (isFollowing.value ? follow : unfollow)(person().username)
      isFollowing.value = now.is_following
      onChanged(now)
    } catch (error) {
      isFollowing.value = !isFollowing.value
      toast.error(error)
    } finally {
      isBusy.value = false
    }
  }
  return { isFollowing, isBusy, toggle }
}
