/** Runs that overlap share one promise; the next call after it has settled runs again. */
export function singleFlight<T>(run: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | null = null
  return () => {
    flight ??= run().finally(() => {
      flight = null
    })
    return flight
  }
}
