/** Whom a creator shows a video to; `later`: everybody, from a time on. */
export type Audience = 'public' | 'unlisted' | 'later'

interface Publishable {
  visibility: string
  status: string
  is_playable: boolean
  publish_at: string | null
}

/** Nobody else may see it, and there is or will be something to see. */
export function canPublish(video: Publishable): boolean {
  return video.visibility === 'private' && (video.is_playable || video.status !== 'failed')
}

/** What "publish all" takes: only what can be watched at once, and waits for no time of its own. */
export function isReadyToPublish(video: Publishable): boolean {
  return video.visibility === 'private' && video.is_playable && video.publish_at === null
}
