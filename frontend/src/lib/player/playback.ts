/** What the player needs to know to play; the answer of GET /api/videos/{id}/playback has this shape. */
export interface PlaybackSource {
  hls_url: string | null
  progressive_url: string | null
  poster_url: string | null
  sprite_vtt_url: string | null
  captions: readonly CaptionTrack[]
  expires_at: string | null
}

export interface CaptionTrack {
  lang: string
  label: string
  url: string
}

/** Why nothing plays. Texts by name: player.error.<name>. */
export type PlayerProblem = 'network' | 'service' | 'unsupported' | 'decode' | 'not_ready' | 'gone' | 'unknown'

/** Milliseconds until new addresses should be asked for: a minute before the end, half-way for short ones. */
export function renewIn(expiresAt: string | null, now: number): number | null {
  const left = expiresAt ? Date.parse(expiresAt) - now : Number.NaN
  if (!Number.isFinite(left)) return null
  // setTimeout counts in 32 bits.
  return Math.min(Math.max(1000, left > 120_000 ? left - 60_000 : left / 2), 2_000_000_000)
}

/** What a media element's error code means. */
export function problemOf(code: number | undefined): PlayerProblem {
  if (code === 2) return 'network'
  if (code === 3) return 'decode'
  return code === 4 ? 'unsupported' : 'unknown'
}

/** What a failed question for the addresses means, by HTTP status; 0 when no answer came. */
export function problemOfStatus(status: number | null): PlayerProblem {
  if (status === 404) return 'gone'
  return status !== null && (status >= 500 || status === 429) ? 'service' : 'network'
}
