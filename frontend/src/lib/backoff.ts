/** Milliseconds to wait before try number `attempt` (from 0): doubled up to the cap, half of it by chance. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10))
  return full / 2 + (full / 2) * random()
}
