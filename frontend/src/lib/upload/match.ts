import type { Remembered } from './memory'

interface Chosen {
  name: string
  size: number
  lastModified: number
}

interface Open {
  upload_id: string
  filename: string
  size: number
  status: string
}

/**
 * The open upload that a chosen file belongs to. On this device the file's date must be the remembered one;
 * on another device only name and size are known, and they must point to one upload.
 */
export function matchUpload<T extends Open>(
  file: Chosen,
  open: readonly T[],
  remembered: readonly Remembered[],
  taken: ReadonlySet<string> = new Set(),
): T | null {
  const same = open.filter(
    (upload) =>
      upload.status === 'open' &&
      upload.filename === file.name &&
      upload.size === file.size &&
      !taken.has(upload.upload_id),
  )
  const known = new Map(remembered.map((entry) => [entry.uploadId, entry]))
  const exact = same.find((upload) => known.get(upload.upload_id)?.lastModified === file.lastModified)
  if (exact) return exact
  const strangers = same.filter((upload) => !known.has(upload.upload_id))
  return strangers.length === 1 ? (strangers[0] ?? null) : null
}
