import { get } from './http'

const PATIENCE_MS = 5_000

/** Whether the service answers at all. */
export const isReachable = () =>
  get('/health', { isAnonymous: true, timeout: PATIENCE_MS }).then(
    () => true,
    () => false,
  )
