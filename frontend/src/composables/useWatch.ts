import { keepPositionOnLeave } from '@/api/media'
import { getText } from '@/api/storage'
import type { Video } from '@/api/types'
import { countView, getPlayback, keepPosition } from '@/api/videos'
import { parseStart } from '@/lib/player/clock'
import { guestPosition, saveGuestPosition, startAt } from '@/lib/player/resume'
import { readItem, writeItem } from '@/lib/storage'
import { useSession } from '@/stores/session'
import type { PlayerInput } from './usePlayer'

const textStore = { getItem: readItem, setItem: writeItem }

/** What ties the player to one video: its addresses, its view, and where I left it. */
export function useWatch(videoId: string) {
  const session = useSession()

  function savePosition(seconds: number, isLeaving: boolean): void {
    if (!session.isSignedIn) return saveGuestPosition(textStore, videoId, seconds)
    if (isLeaving) return keepPositionOnLeave(videoId, seconds)
    // The next one comes in ten seconds.
    void keepPosition(videoId, seconds).catch(() => undefined)
  }

  const input: PlayerInput = {
    ask: () => getPlayback(videoId),
    readText: (url) => getText(url),
    viewed: () => void countView(videoId).catch(() => undefined),
    position: savePosition,
  }

  function startOf(video: Video, asked: string | null): number {
    const saved = session.isSignedIn ? video.resume_seconds : guestPosition(textStore, videoId)
    return startAt(parseStart(asked), saved, video.duration_seconds)
  }
  return { input, startOf }
}
