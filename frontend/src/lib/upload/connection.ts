import type { Connection } from './scheduler'

/** The browser's own idea of being online. */
export const browserConnection: Connection = {
  isOnline: () => navigator.onLine,
  untilOnline: (signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (navigator.onLine) return resolve()
      const end = (settle: () => void) => {
        window.removeEventListener('online', online)
        signal.removeEventListener('abort', stop)
        settle()
      }
      const online = () => end(resolve)
      const stop = () => end(() => reject(signal.reason))
      window.addEventListener('online', online)
      signal.addEventListener('abort', stop)
    }),
}
