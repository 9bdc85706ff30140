import { onActivated } from 'vue'
import { useNavigation } from '@/stores/navigation'

/** For a page that is kept alive: back shows it as it was left, a link shows what is new. */
export function useReturn(refresh: () => void): void {
  const navigation = useNavigation()
  let isFirst = true
  onActivated(() => {
    if (!isFirst && !navigation.isBack) refresh()
    isFirst = false
  })
}
