import { onActivated, onDeactivated, onScopeDispose, ref, toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { useTitle } from '@/stores/title'

/** A title of the page's own, such as that of a video; null falls back to the route's. */
export function usePageTitle(title: MaybeRefOrGetter<string | null | undefined>): void {
  const store = useTitle()
  const owner = Symbol('page')
  // A page that is kept alive goes on living out of sight.
  const isSeen = ref(true)
  onActivated(() => (isSeen.value = true))
  onDeactivated(() => (isSeen.value = false))
  watchEffect(() => {
    if (isSeen.value) store.set(owner, toValue(title) ?? null)
    else store.clear(owner)
  })
  onScopeDispose(() => store.clear(owner))
}
