const BASE_SECONDS = 0.5
const CAP_SECONDS = 30

/** Seconds to wait before try number `attempt` (1 = first retry): doubled each time, with half of it by chance. */
export function backoffSeconds(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** attempt)
  return full / 2 + (full / 2) * random()
}

/** Resolves after the time, rejects with the signal's reason when it fires first. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal.addEventListener('abort', stop, { once: true })
  })
}
