/** What may be uploaded: the service decides, this is for a clear word before the start. */
export interface UploadRules {
  upload_extensions: readonly string[]
  upload_max_bytes: number
}

export type Refusal = 'empty' | 'too_large' | 'wrong_type'

/** Null rules are not known yet: then only the service refuses. */
export function refuse(file: { name: string; size: number }, rules: UploadRules | null): Refusal | null {
  if (rules && !rules.upload_extensions.includes(extensionOf(file.name))) return 'wrong_type'
  if (file.size === 0) return 'empty'
  return rules && file.size > rules.upload_max_bytes ? 'too_large' : null
}

export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** The `accept` attribute of the file input. Extensions only: `video/*` hides .mkv and .ts on some systems. */
export function acceptList(rules: UploadRules | null): string | undefined {
  return rules?.upload_extensions.map((extension) => `.${extension}`).join(',')
}

const TYPES: Record<string, string> = {
  mp4: 'video/mp4',
  m4v: 'video/x-m4v',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  ts: 'video/mp2t',
  m2ts: 'video/mp2t',
  mts: 'video/mp2t',
  wmv: 'video/x-ms-wmv',
  flv: 'video/x-flv',
  '3gp': 'video/3gpp',
  ogv: 'video/ogg',
}

/** Browsers leave `type` empty for containers they do not know. */
export function contentTypeOf(file: { name: string; type: string }): string {
  return file.type || TYPES[extensionOf(file.name)] || 'application/octet-stream'
}
