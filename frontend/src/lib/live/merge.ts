interface Shown {
  id: string
  started_at: string | null
}

/**
 * Brings a fresh first page of what is on air into the list that is shown, without moving what is there: known ones
 * stay in their places with new numbers, those that ended go, new ones come last.
 */
export function mergeOnAir<T extends Shown>(shown: readonly T[], fresh: readonly T[], isWhole: boolean): T[] {
  const found = new Map(fresh.map((item) => [item.id, item]))
  const oldest = fresh.at(-1)?.started_at ?? ''
  // Further down than the fresh page reaches, nothing is known.
  const isOut = (item: T) => !isWhole && (item.started_at ?? '') < oldest
  const kept = shown.flatMap((item) => found.get(item.id) ?? (isOut(item) ? item : []))
  const known = new Set(kept.map((item) => item.id))
  return [...kept, ...fresh.filter((item) => !known.has(item.id))]
}
