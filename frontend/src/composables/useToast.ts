import { ElMessage } from 'element-plus'
import { h } from 'vue'
import { useI18n } from 'vue-i18n'
import { isCancelled } from '@/api/problem'
import { useErrorText } from './useErrorText'

const UNDO_MS = 6000

/** Short words about how something went, at the top of the page. */
export function useToast() {
  const { t } = useI18n()
  const errorText = useErrorText()
  const show = (type: 'success' | 'error' | 'info', message: string) =>
    ElMessage({ type, message, grouping: true, showClose: type === 'error', duration: type === 'error' ? 6000 : 3000 })
  return {
    success: (message: string) => void show('success', message),
    info: (message: string) => void show('info', message),
    /** With a button that takes it back, for as long as it is shown. */
    undo(message: string, run: () => void): void {
      const shown = ElMessage({
        type: 'success',
        duration: UNDO_MS,
        message: h('span', { class: 'toast-undo' }, [
          message,
          h('button', { type: 'button', class: 'plain-button', onClick: () => (shown.close(), run()) }, t('actions.undo')),
        ]),
      })
    },
    error: (error: unknown) => {
      if (!isCancelled(error)) show('error', typeof error === 'string' ? error : errorText(error))
    },
  }
}
