import { useI18n } from 'vue-i18n'
import { toApiError } from '@/api/problem'
import { formatDuration } from '@/lib/format'

/** What went wrong, by code, in the reader's language; the service's own sentence where we have none. */
export function useErrorText() {
  const { t, te, locale } = useI18n()
  return (error: unknown): string => {
    const problem = toApiError(error)
    const waits: Record<string, string> = { too_many_requests: 'errors.wait', slow_down: 'errors.slowWait' }
    const wait = waits[problem.code]
    if (wait && problem.retryAfter !== null) return t(wait, { time: formatDuration(problem.retryAfter, locale.value) })
    const key = `errors.${problem.code}`
    if (te(key) || te(key, 'en')) return t(key)
    return problem.status > 0 && problem.message ? problem.message : t('errors.internal')
  }
}
