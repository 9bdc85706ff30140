import { http } from './http'

/** Outlives the page: for the place in a video when the tab is closed. */
export function keepPositionOnLeave(videoId: string, seconds: number): void {
  const url = `/api/videos/${encodeURIComponent(videoId)}/position`
  const outliving = { adapter: 'fetch' as const, fetchOptions: { keepalive: true } }
  void http.put(url, { seconds }, outliving).catch(() => undefined)
}
