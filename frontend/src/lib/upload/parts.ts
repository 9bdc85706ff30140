/** How a file is cut: part numbers start at 1, every part but the last has the full part size. */
export interface PartPlan {
  size: number
  partSize: number
  partCount: number
}

export interface PartRange {
  n: number
  start: number
  end: number
  size: number
}

export function rangeOf(plan: PartPlan, n: number): PartRange {
  const start = (n - 1) * plan.partSize
  const end = Math.min(start + plan.partSize, plan.size)
  return { n, start, end, size: end - start }
}

/** Part numbers still to send, in order. */
export function missingParts(plan: PartPlan, done: ReadonlySet<number>): number[] {
  const numbers: number[] = []
  for (let n = 1; n <= plan.partCount; n++) if (!done.has(n)) numbers.push(n)
  return numbers
}

/** Bytes the server already has. A part of an unexpected size does not count: it will be sent again. */
export function doneParts(plan: PartPlan, parts: readonly { n: number; size: number }[]): Set<number> {
  return new Set(
    parts
      .filter((part) => part.n >= 1 && part.n <= plan.partCount && part.size === rangeOf(plan, part.n).size)
      .map((part) => part.n),
  )
}

export function bytesOf(plan: PartPlan, numbers: Iterable<number>): number {
  let bytes = 0
  for (const n of numbers) bytes += rangeOf(plan, n).size
  return bytes
}
