/** Reasons that lie in the file itself (docs/states.md): the same file will fail again. */
const FINAL = new Set([
  'not_a_video',
  'broken_file',
  'unsupported_codec',
  'too_long',
  'gap_too_long',
  'too_large_picture',
])

export function isWorthRetry(reason: string | null): boolean {
  return !FINAL.has(reason ?? '')
}
