/** What is remembered about an upload that has not ended, so that a reload can go on with it. */
export interface Remembered {
  uploadId: string
  videoId: string
  name: string
  size: number
  lastModified: number
}

export type TextStore = Pick<Storage, 'getItem' | 'setItem'>

const KEY = 'trunkline.uploads'
const MOST = 50

export function recall(store: TextStore, userId: number): Remembered[] {
  try {
    const all: unknown = JSON.parse(store.getItem(`${KEY}.${userId}`) ?? '[]')
    return Array.isArray(all) ? all.filter(isRemembered) : []
  } catch {
    return []
  }
}

export function remember(store: TextStore, userId: number, entry: Remembered): void {
  const others = recall(store, userId).filter((old) => old.uploadId !== entry.uploadId)
  write(store, userId, [...others, entry].slice(-MOST))
}

export function forget(store: TextStore, userId: number, uploadId: string): void {
  write(
    store,
    userId,
    recall(store, userId).filter((old) => old.uploadId !== uploadId),
  )
}

function write(store: TextStore, userId: number, entries: Remembered[]): void {
  try {
    store.setItem(`${KEY}.${userId}`, JSON.stringify(entries))
  } catch {
    // A full or forbidden store only costs the shortcut: the server still lists the upload.
  }
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false
  const entry = value as Record<string, unknown>
  return (
    typeof entry.uploadId === 'string' &&
    typeof entry.videoId === 'string' &&
    typeof entry.name === 'string' &&
    typeof entry.size === 'number' &&
    typeof entry.lastModified === 'number'
  )
}
