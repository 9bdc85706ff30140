import { get } from './http'
import type { Limits } from './types'

/** Which files the service takes, how large, and how long a message. */
export const getLimits = () => get<Limits>('/api/limits')
