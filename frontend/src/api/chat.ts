/** Reading and writing in the chat of a live. Messages themselves go by socket. */
import { del, get, patch, post, put } from './http'
import { params } from './params'
import type { components } from './schema'

type Schemas = components['schemas']

/** Oldest first. Follow the live's channel since `epoch` and `seq`, and nothing is missed. */
export type ChatHistory = Schemas['MessagePage']

const path = (id: string, rest: string) => `/api/lives/${encodeURIComponent(id)}/${rest}`

export const listMessages = (id: string, range: { before?: number; after?: number; limit?: number }, signal?: AbortSignal) =>
  get<ChatHistory>(path(id, 'messages'), { params: params(range), signal })
export const editMessage = (id: string, seq: number, text: string) => patch(path(id, `messages/${seq}`), { text })
export const deleteMessage = (id: string, seq: number) => del(path(id, `messages/${seq}`))
export const restoreMessage = (id: string, seq: number) => post(path(id, `messages/${seq}/restore`))
export const pinMessage = (id: string, seq: number) => put(path(id, 'pin'), { seq })
export const unpinMessage = (id: string) => del(path(id, 'pin'))
export const clearChat = (id: string) => post(path(id, 'clear'))
