import { get } from './http'
import type { Limits } from './types'

/** Which files the service takes, and how large. */
export const getLimits = () => get<Limits>('/api/limits')
