import { useI18n } from 'vue-i18n'
import { serviceNow } from '@/lib/serviceClock'
import { useFormat } from './useFormat'

const NOW_MS = 60_000

/** "Started 5 minutes ago". "Started now" would read as if it were about to. */
export function useSinceText() {
  const { t } = useI18n()
  const format = useFormat()
  return (what: 'started' | 'ended', at: string): string => {
    const isNow = serviceNow() - Date.parse(at) < NOW_MS
    return isNow ? t(`lives.${what}Now`) : t(`lives.${what}`, { ago: format.ago(at) })
  }
}
