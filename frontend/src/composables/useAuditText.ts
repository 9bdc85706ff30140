import { useI18n } from 'vue-i18n'
import type { AuditEntry } from '@/api/liveTypes'
import { useFormat } from './useFormat'

/** What a moderator did, in a sentence, and a remark beside it: the message, the reason, the rules. */
export function useAuditText() {
  const { t, te } = useI18n()
  const format = useFormat()

  function sentence(entry: AuditEntry): string {
    const who = entry.actor?.display_name ?? t('lives.audit.operator')
    const whom = entry.target?.display_name ?? t('lives.audit.somebody')
    const { until } = entry.detail
    const time = typeof until === 'string' ? format.dateTime(until) : ''
    return t(`lives.audit.actions.${entry.action}`, { who, whom, time })
  }

  function remark(entry: AuditEntry): string {
    const { text, reason } = entry.detail
    if (typeof text === 'string') return t('lives.audit.quote', { text })
    if (typeof reason === 'string') return reason
    if (entry.action !== 'rules') return ''
    return Object.entries(entry.detail).flatMap(([name, value]) => rule(name, value) ?? []).join(' · ')
  }

  /** Null for what is no rule, such as the time of the change. */
  function rule(name: string, value: unknown): string | null {
    if (name === 'slow_seconds') {
      const seconds = Number(value)
      return seconds > 0 ? t('lives.rules.slowEach', { time: format.duration(seconds) }) : pair(t('lives.rules.slow'), false)
    }
    if (name === 'link_rule') return `${t('lives.rules.link')}: ${t(`lives.rules.links.${String(value)}`)}`
    if (name === 'blocked_words') return t('lives.rules.words')
    return te(`lives.rules.${name}`) ? pair(t(`lives.rules.${name}`), value === true) : null
  }
  const pair = (name: string, isOn: boolean) => `${name}: ${t(isOn ? 'lives.audit.on' : 'lives.audit.off')}`

  return { sentence, remark }
}
