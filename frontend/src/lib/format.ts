/** Numbers, sizes, times and dates in the reader's language and time zone. */
const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

export function formatCount(value: number, locale: string): string {
  const isLong = Math.abs(value) >= 10_000
  return new Intl.NumberFormat(locale, isLong ? { notation: 'compact', maximumFractionDigits: 1 } : {}).format(value)
}

/** For the scale of a chart, where there is little room: 1K, 1.5萬. */
export function formatShort(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

export function formatBytes(bytes: number, locale: string): string {
  let unit = 0
  let value = Math.max(0, bytes)
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: BYTE_UNITS[unit],
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value)
}

export function formatPercent(percent: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(percent / 100)
}

export function formatDate(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(iso))
}

/** Chinese names five parts of the day before a time of twelve hours (清晨5:08); 05:08 says it shorter. */
function clockOf(locale: string): Intl.DateTimeFormatOptions {
  return locale.startsWith('zh') ? { hourCycle: 'h23' } : {}
}

export function formatDateTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...clockOf(locale) }).format(new Date(iso))
}

/** A calendar day such as 2026-11-21, which has no time zone and must not be moved by one. */
export function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** "3 hours ago"; a clock that runs ahead says "now". */
export function formatAgo(iso: string, locale: string, now = Date.now()): string {
  const seconds = (now - new Date(iso).getTime()) / 1000
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, length] of STEPS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit)
  }
  return relative.format(0, 'second')
}

/** A length of time in words, for people who hear the page: "1 minute, 5 seconds". */
export function formatDuration(seconds: number, locale: string): string {
  // Down, as the clocks beside it count.
  const whole = Math.max(0, Math.floor(seconds))
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor((whole % 3600) / 60), 'minute'],
    [whole % 60, 'second'],
  ]
  const words = parts
    .filter(([value, unit]) => value > 0 || (unit === 'second' && whole === 0))
    .map(([value, unit]) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value))
  return new Intl.ListFormat(locale, { type: 'unit' }).format(words)
}

/** The reader's time zone at that moment: "Europe/Berlin (GMT+1)". */
export function formatZone(at: Date, locale: string): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return `${timeZone} (${zoneOf(at, locale, 'shortOffset')})`
}

/** A moment people of several zones plan for: "Nov 30, 2026, 7:00 AM GMT+1". */
export function formatMoment(iso: string, locale: string): string {
  return `${formatDateTime(iso, locale)} ${zoneOf(new Date(iso), locale, 'short')}`
}

function zoneOf(at: Date, locale: string, timeZoneName: 'short' | 'shortOffset'): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZoneName }).formatToParts(at)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** Time left until something: "2 days, 3 hr", and within the last day a clock: 3:07:09. */
export function formatCountdown(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds))
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600)]
  if (days === 0) return formatClock(whole)
  const unit = (value: number, name: 'day' | 'hour') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const parts = [unit(days, 'day'), ...(hours % 24 > 0 ? [unit(hours % 24, 'hour')] : [])]
  return new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(parts)
}

/** 3:07:09, the same everywhere. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`
}

export function formatTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium', ...clockOf(locale) }).format(at)
}

/** Made once for each language: a chat shows the time beside hundreds of messages. */
const minutes = new Map<string, Intl.DateTimeFormat>()

/** The time of day without seconds. */
export function formatMinute(at: number, locale: string): string {
  const format = minutes.get(locale) ?? new Intl.DateTimeFormat(locale, { timeStyle: 'short', ...clockOf(locale) })
  minutes.set(locale, format)
  return format.format(at)
}
