/** Events on `user:<id>` and what they carry. */
export interface VideoEvent {
  video_id: string
  status: string
  progress: number
  is_playable: boolean
  qualities: { label: string; progress: number; status: string }[]
  reason?: string | null
}

export interface UserEvents {
  'video:progress': VideoEvent
  'video:ready': VideoEvent
  'video:failed': VideoEvent
  'session:revoked': { session_id: string }
  /** Not from the wire: events may be missing, load again. */
  reload: null
}

const NAMES: readonly string[] = ['video:progress', 'video:ready', 'video:failed', 'session:revoked']

export function isUserEvent(name: string): name is Exclude<keyof UserEvents, 'reload'> {
  return NAMES.includes(name)
}
