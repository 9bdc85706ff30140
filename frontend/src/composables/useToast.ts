import { ElMessage } from 'element-plus'
import { isCancelled } from '@/api/problem'
import { useErrorText } from './useErrorText'

/** Short words about how something went, at the top of the page. */
export function useToast() {
  const errorText = useErrorText()
  const show = (type: 'success' | 'error' | 'info', message: string) =>
    ElMessage({ type, message, grouping: true, showClose: type === 'error', duration: type === 'error' ? 6000 : 3000 })
  return {
    success: (message: string) => void show('success', message),
    info: (message: string) => void show('info', message),
    error: (error: unknown) => {
      if (!isCancelled(error)) show('error', typeof error === 'string' ? error : errorText(error))
    },
  }
}
