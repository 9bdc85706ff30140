import { useI18n } from 'vue-i18n'
import * as format from '@/lib/format'
import { serviceNow } from '@/lib/serviceClock'

/** The formats of lib/format in the language that is chosen now. */
export function useFormat() {
  const { locale } = useI18n()
  return {
    count: (value: number) => format.formatCount(value, locale.value),
    short: (value: number) => format.formatShort(value, locale.value),
    bytes: (value: number) => format.formatBytes(value, locale.value),
    percent: (value: number) => format.formatPercent(value, locale.value),
    date: (iso: string) => format.formatDate(iso, locale.value),
    dateTime: (iso: string) => format.formatDateTime(iso, locale.value),
    moment: (iso: string) => format.formatMoment(iso, locale.value),
    zone: (at: Date) => format.formatZone(at, locale.value),
    day: (day: string) => format.formatDay(day, locale.value),
    ago: (iso: string) => format.formatAgo(iso, locale.value, serviceNow()),
    duration: (seconds: number) => format.formatDuration(seconds, locale.value),
    countdown: (seconds: number) => format.formatCountdown(seconds, locale.value),
    clock: format.formatClock,
    minute: (iso: string) => format.formatMinute(Date.parse(iso), locale.value),
    time: (at: number) => format.formatTime(at, locale.value),
  }
}
