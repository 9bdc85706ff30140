/** Whom a creator shows a video to. */
export type Audience = 'public' | 'unlisted'

interface Publishable {
  visibility: string
  status: string
  is_playable: boolean
}

/** Nobody else may see it, and there is or will be something to see. */
export function canPublish(video: Publishable): boolean {
  return video.visibility === 'private' && (video.is_playable || video.status !== 'failed')
}

/** What "publish all" takes: only what can be watched at once. */
export function isReadyToPublish(video: Publishable): boolean {
  return video.visibility === 'private' && video.is_playable
}
