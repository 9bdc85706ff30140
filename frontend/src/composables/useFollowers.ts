import { onScopeDispose, shallowRef, watch } from 'vue'
import { getFollow, type Follow } from '@/api/users'
import { useSession } from '@/stores/session'

/** How many follow a creator, and whether I do; null until that is known. What fails stays unsaid: it is an extra. */
export function useFollowers(username: () => string) {
  const session = useSession()
  const followers = shallowRef<Follow | null>(null)
  let asking: AbortController | null = null

  watch(
    () => [username(), session.isSignedIn] as const,
    async ([name], before) => {
      if (name !== before?.[0]) followers.value = null
      asking?.abort()
      const mine = (asking = new AbortController())
      const found = await getFollow(name, mine.signal).catch(() => null)
      if (asking === mine && found) followers.value = found
    },
    { immediate: true },
  )
  onScopeDispose(() => asking?.abort())
  return { followers, take: (now: Follow) => (followers.value = now) }
}
