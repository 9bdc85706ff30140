/** An emoji on its way over the page. */
export interface Flight {
  id: number
  emoji: string
  /** Where it starts, in percent of the width. */
  left: number
  /** How far it drifts sideways, in pixels. */
  drift: number
  /** Seconds. */
  lasts: number
  size: number
}

/** More at once would make pages stutter and hide what is below. */
export const MAX_FLIGHTS = 30

let lastId = 0

export function launch(flights: readonly Flight[], emoji: string, random: () => number = Math.random): readonly Flight[] {
  if (flights.length >= MAX_FLIGHTS) return flights
  const flight = {
    id: ++lastId,
    emoji,
    left: 4 + random() * 88,
    drift: (random() - 0.5) * 120,
    lasts: 2.4 + random() * 1.6,
    size: 24 + random() * 24,
  }
  return [...flights, flight]
}

export const land = (flights: readonly Flight[], id: number) => flights.filter((one) => one.id !== id)
