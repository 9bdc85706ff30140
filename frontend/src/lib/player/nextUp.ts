/** The first of the videos that was not watched lately; without one the player stops instead of going round. */
export function pickNext<T extends { id: string }>(videos: readonly T[], lately: readonly string[]): T | null {
  return videos.find((video) => !lately.includes(video.id)) ?? null
}
