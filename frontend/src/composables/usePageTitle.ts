import { onScopeDispose, toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { useTitle } from '@/stores/title'

/** A title of the page's own, such as that of a video; null falls back to the route's. */
export function usePageTitle(title: MaybeRefOrGetter<string | null | undefined>): void {
  const store = useTitle()
  watchEffect(() => (store.own = toValue(title) ?? null))
  onScopeDispose(() => (store.own = null))
}
