/** What the picker offers: few enough to look through at once. Rows of eight. */
export const EMOJI = [
  ...['😀', '😂', '🤣', '😊', '😍', '😘', '😎', '🤩'],
  ...['🙂', '😉', '😋', '😜', '🤔', '🤨', '😴', '🥳'],
  ...['😮', '😱', '😢', '😭', '😡', '🤯', '🥺', '😅'],
  ...['👍', '👎', '👏', '🙌', '🙏', '💪', '👋', '✌️'],
  ...['❤️', '🧡', '💚', '💙', '💜', '💔', '💯', '✨'],
  ...['🎉', '🎊', '🔥', '🚀', '⭐', '🏆', '🎵', '☕'],
]
export const PER_ROW = 8

/** Where an arrow key leads from one of them; null for keys that lead nowhere. */
export function moveTo(key: string, index: number): number | null {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: PER_ROW, ArrowUp: -PER_ROW }
  const step = steps[key]
  if (key === 'Home') return 0
  if (key === 'End') return EMOJI.length - 1
  if (step === undefined) return null
  const next = index + step
  return next >= 0 && next < EMOJI.length ? next : index
}
