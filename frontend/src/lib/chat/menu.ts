import type { Message } from './message'

export type Action = 'reply' | 'copy' | 'edit' | 'delete' | 'pin' | 'timeout1' | 'timeout10' | 'timeout60' | 'ban'

export interface Viewer {
  /** Null for a guest. */
  id: number | null
  isOwner: boolean
  isModerator: boolean
  mayWrite: boolean
}

export const TIMEOUTS: Partial<Record<Action, number>> = { timeout1: 60, timeout10: 600, timeout60: 3600 }

/** What somebody may do with a message, in the order of the menu. */
export function actionsFor(message: Message, viewer: Viewer): Action[] {
  if (message.deleted) return []
  const isMine = message.by.id === viewer.id
  const isInCharge = viewer.isOwner || viewer.isModerator
  const actions: Action[] = []
  if (viewer.mayWrite) actions.push('reply')
  actions.push('copy')
  if (isMine && viewer.mayWrite) actions.push('edit')
  if (isInCharge) actions.push('pin')
  if (isMine || (isInCharge && maySilence(message, viewer))) actions.push('delete')
  if (!isMine && isInCharge && maySilence(message, viewer)) actions.push('timeout1', 'timeout10', 'timeout60', 'ban')
  return actions
}

/** The owner everybody but themselves; moderators neither the owner nor each other. */
function maySilence(message: Message, viewer: Viewer): boolean {
  return viewer.isOwner || !(message.by.badges ?? []).some((badge) => badge === 'owner' || badge === 'moderator')
}
