export interface Level {
  index: number
  height: number
  width: number
  bitrate: number
}

export interface QualityChoice extends Level {
  label: string
}

/** Menu rows, best first. The short side names the quality, so that a portrait 720 × 1280 is 720p too. */
export function qualityChoices(levels: readonly Level[]): QualityChoice[] {
  return levels
    .map((level) => ({ ...level, label: qualityLabel(level) }))
    .sort((a, b) => shortSide(b) - shortSide(a) || b.bitrate - a.bitrate)
}

export function qualityLabel(level: Pick<Level, 'width' | 'height' | 'bitrate'>): string {
  const side = shortSide(level)
  return side > 0 ? `${side}p` : `${Math.round(level.bitrate / 1000)} kbit/s`
}

/** Level to start with for a remembered choice: that one, or the best below it; -1 is Auto. */
export function levelFor(levels: readonly Level[], wanted: string): number {
  const choices = qualityChoices(levels)
  const side = Number.parseInt(wanted, 10)
  if (!Number.isFinite(side)) return -1
  return (choices.find((choice) => shortSide(choice) <= side) ?? choices[choices.length - 1])?.index ?? -1
}

function shortSide(level: Pick<Level, 'width' | 'height'>): number {
  return level.width > 0 && level.height > 0 ? Math.min(level.width, level.height) : level.height
}
