import { learnTime } from '@/lib/serviceClock'

/** What the page asks first, which its shell has brought along: app/routes/first.py. Each answer is good for one question. */
let answers: Map<string, unknown> | null = null

/** The answer to a guest's question by GET, if it is here. */
export function takeFirst<T>(uri: string): T | null {
  answers ??= read()
  const key = sorted(uri)
  const found = answers.get(key)
  answers.delete(key)
  return found === undefined ? null : (found as T)
}

/** Another page is shown: what was not asked for is soon out of date. */
export function forgetFirst(): void {
  answers = new Map()
}

function read(): Map<string, unknown> {
  const element = document.getElementById('first')
  const [way] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  // Back to a page that the browser kept: its answers may be of yesterday.
  if (!element?.textContent || !way || way.type === 'back_forward') return new Map()
  learnTime(element.dataset.date ?? null, performance.timeOrigin + way.requestStart, performance.timeOrigin + way.responseStart)
  return new Map(Object.entries(JSON.parse(element.textContent) as Record<string, unknown>))
}

function sorted(uri: string): string {
  const [path = '', query] = uri.split('?')
  return query ? `${path}?${query.split('&').sort().join('&')}` : path
}
