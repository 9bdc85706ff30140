import { ElMessageBox } from 'element-plus'
import { onBeforeUnmount, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'

/** Asks before what was typed is left behind: on a link, on a step back, and when the tab is closed or loaded again. */
export function useUnsaved(isDirty: () => boolean): void {
  const { t } = useI18n()
  const warn = (event: BeforeUnloadEvent) => event.preventDefault()

  onBeforeRouteLeave(async () => {
    if (!isDirty()) return true
    const words = { confirmButtonText: t('unsaved.leave'), cancelButtonText: t('unsaved.stay'), confirmButtonClass: 'el-button--danger' }
    return ElMessageBox.confirm(t('unsaved.text'), t('unsaved.title'), { ...words, autofocus: false }).then(
      () => true,
      () => false,
    )
  })
  // Listened to only while there is something to lose: a page with such a listener is not kept by the browser.
  watch(isDirty, (now) => (now ? window.addEventListener('beforeunload', warn) : window.removeEventListener('beforeunload', warn)))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', warn))
}
