import { onScopeDispose } from 'vue'

/** Calls at most once the caller has been quiet for the time; `now` calls at once and forgets the waiting call. */
export function useDebounce<A extends unknown[]>(run: (...args: A) => void, ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)
  onScopeDispose(stop)
  return {
    later(...args: A) {
      stop()
      timer = setTimeout(() => run(...args), ms)
    },
    now(...args: A) {
      stop()
      run(...args)
    },
    stop,
  }
}
