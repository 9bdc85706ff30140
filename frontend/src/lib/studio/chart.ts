export interface Bar {
  day: string
  views: number
  /** All in the units of the picture, from its top left corner. */
  x: number
  y: number
  width: number
  height: number
}

export interface Chart {
  bars: Bar[]
  /** Lines across, from the bottom up. */
  lines: { value: number; y: number }[]
  total: number
}

/** The least height of a day that had any view at all: one of a thousand must not look like none. */
const LEAST = 2

export function barChart(days: readonly { day: string; views: number }[], width: number, height: number): Chart {
  const top = niceTop(Math.max(0, ...days.map((day) => day.views)))
  const slot = days.length > 0 ? width / days.length : width
  const bars = days.map(({ day, views }, index) => {
    const tall = views > 0 ? Math.max(LEAST, (height * views) / top) : 0
    return { day, views, x: index * slot + slot * 0.14, y: height - tall, width: slot * 0.72, height: tall }
  })
  const lines = [0, top / 2, top]
    .filter((value) => Number.isInteger(value))
    .map((value) => ({ value, y: height - (height * value) / top }))
  return { bars, lines, total: days.reduce((sum, day) => sum + day.views, 0) }
}

/** The next 1, 2, 4, 5 or 10 of its power of ten, and never less than 2. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  const step = [1, 2, 4, 5, 10].find((factor) => factor * power >= value) ?? 10
  return Math.max(2, step * power)
}
