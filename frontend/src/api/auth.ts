import { del, get, post } from './http'
import type { Device, Me, Session } from './types'

export interface Registration {
  username: string
  email: string
  password: string
  display_name?: string
  locale?: string
}

const anonymous = { isAnonymous: true }

export const register = (body: Registration) => post<Session>('/api/auth/register', body, anonymous)
export const login = (body: { login: string; password: string }) =>
  post<Session>('/api/auth/login', body, anonymous)
export const refresh = () => post<Session>('/api/auth/refresh', {}, anonymous)
export const logout = () => post('/api/auth/logout', {}, anonymous)
export const me = () => get<Me>('/api/auth/me')

export const listSessions = () => get<{ items: Device[] }>('/api/auth/sessions')
export const endSession = (id: string) => del(`/api/auth/sessions/${encodeURIComponent(id)}`)
export const endAllSessions = () => del('/api/auth/sessions')

export const changePassword = (body: { current_password: string; new_password: string }) =>
  post('/api/auth/password/change', body)
export const forgotPassword = (email: string) => post('/api/auth/password/forgot', { email }, anonymous)
export const resetPassword = (body: { token: string; password: string }) =>
  post('/api/auth/password/reset', body, anonymous)
export const verifyEmail = (token: string) => post<Me>('/api/auth/email/verify', { token }, anonymous)
export const resendVerification = () => post('/api/auth/email/resend')
