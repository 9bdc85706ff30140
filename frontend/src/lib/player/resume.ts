const LEAST_SECONDS = 10
const TAIL_SECONDS = 15
const TAIL_PART = 0.03

/**
 * Where to start: a time asked for in the address wins; else the saved place,
 * unless the video had only begun or was practically over.
 */
export function startAt(asked: number | null, saved: number | null, duration: number | null): number {
  const limit = duration ?? Number.POSITIVE_INFINITY
  if (asked !== null) return asked < limit ? asked : 0
  return saved !== null && isWorthResuming(saved, duration) ? saved : 0
}

export function isWorthResuming(seconds: number, duration: number | null): boolean {
  if (seconds < LEAST_SECONDS) return false
  if (duration === null) return true
  return seconds < duration - Math.min(TAIL_SECONDS, Math.max(3, duration * TAIL_PART))
}

/** What to save: 0 when it is over, so that the next viewing starts at the beginning. */
export function positionToSave(seconds: number, duration: number | null): number {
  return isWorthResuming(seconds, duration) ? Math.floor(seconds) : 0
}

const KEY = 'trunkline.positions'
const MOST = 200

/** Places of guests: the newest 200 videos. */
export function guestPosition(store: Pick<Storage, 'getItem'>, videoId: string): number | null {
  return read(store).find(([id]) => id === videoId)?.[1] ?? null
}

export function saveGuestPosition(
  store: Pick<Storage, 'getItem' | 'setItem'>,
  videoId: string,
  seconds: number,
): void {
  const others = read(store).filter(([id]) => id !== videoId)
  const all = seconds > 0 ? [...others, [videoId, seconds]] : others
  try {
    store.setItem(KEY, JSON.stringify(all.slice(-MOST)))
  } catch {
    // Without a store the video simply starts at the beginning.
  }
}

function read(store: Pick<Storage, 'getItem'>): [string, number][] {
  try {
    const all: unknown = JSON.parse(store.getItem(KEY) ?? '[]')
    if (!Array.isArray(all)) return []
    return all.filter(
      (row): row is [string, number] =>
        Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'number',
    )
  } catch {
    return []
  }
}
