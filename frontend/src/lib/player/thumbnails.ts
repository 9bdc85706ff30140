/** One picture of the scrub bar: a rectangle of a sprite sheet, shown between two times. */
export interface Thumbnail {
  start: number
  end: number
  url: string
  x: number
  y: number
  width: number
  height: number
}

const TIMING = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})/
const RECTANGLE = /#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)\s*$/

/** WebVTT whose payload is `picture#xywh=x,y,w,h`, with addresses relative to the VTT file. Bad cues are left out. */
export function parseThumbnails(text: string, baseUrl: string): Thumbnail[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const thumbnails: Thumbnail[] = []
  for (let i = 0; i < lines.length; i++) {
    const timing = TIMING.exec(lines[i] ?? '')
    if (!timing) continue
    const thumbnail = toThumbnail(timing[1] ?? '', timing[2] ?? '', (lines[i + 1] ?? '').trim(), baseUrl)
    if (thumbnail) thumbnails.push(thumbnail)
  }
  return thumbnails.sort((a, b) => a.start - b.start)
}

function toThumbnail(from: string, to: string, payload: string, baseUrl: string): Thumbnail | null {
  const rectangle = RECTANGLE.exec(payload)
  if (!rectangle) return null
  const [x = 0, y = 0, width = 0, height = 0] = rectangle.slice(1).map(Number)
  const start = cueSeconds(from)
  const end = cueSeconds(to)
  if (end <= start || width === 0 || height === 0) return null
  try {
    const url = new URL(payload.slice(0, payload.lastIndexOf('#')), baseUrl)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
    return { start, end, url: url.href, x, y, width, height }
  } catch {
    return null
  }
}

export function cueSeconds(stamp: string): number {
  return stamp
    .replace(',', '.')
    .split(':')
    .reduce((total, piece) => total * 60 + Number(piece), 0)
}

/** The picture shown at a time: the last that has begun, so that a hole between cues shows the one before. */
export function thumbnailAt(thumbnails: readonly Thumbnail[], seconds: number): Thumbnail | null {
  let low = 0
  let high = thumbnails.length - 1
  let found: Thumbnail | null = thumbnails[0] ?? null
  while (low <= high) {
    const middle = (low + high) >> 1
    const candidate = thumbnails[middle]
    if (!candidate) break
    if (candidate.start <= seconds) {
      found = candidate
      low = middle + 1
    } else high = middle - 1
  }
  return found
}
