import { post } from './http'
import type { RealtimeTicket } from './types'

export const askTicket = () => post<RealtimeTicket>('/api/realtime/ticket')
