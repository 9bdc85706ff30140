import { del, get, post, put } from './http'
import { ApiError } from './problem'
import type { Upload, Video } from './types'

export interface UploadStart {
  filename: string
  size: number
  content_type: string
}

const path = (id: string) => `/api/uploads/${encodeURIComponent(id)}`

export const startUpload = (body: UploadStart) => post<Upload>('/api/uploads', body)
export const listUploads = async () => (await get<{ items: Upload[] }>('/api/uploads')).items
export const getUpload = (id: string) => get<Upload>(path(id))
export const signParts = async (id: string, numbers: number[]) =>
  (await post<{ urls: Record<string, string>; expires_at: string }>(`${path(id)}/parts`, { numbers })).urls
export const reportPart = (id: string, n: number, etag: string, size: number) =>
  put(`${path(id)}/parts/${n}`, { etag, size })
/** Joining thousands of parts takes the store a while. */
export const completeUpload = (id: string) => post<Video>(`${path(id)}/complete`, {}, { timeout: 180_000 })
export const dropUpload = (id: string) => del(path(id))

/** A part that moves no byte for this long has lost its line. */
const SILENCE_MS = 60_000

/**
 * Sends a part straight to the object store and gives its ETag. A plain request on purpose: the signed address
 * must carry no token, no cookie and no content type, and only XMLHttpRequest tells how much has left.
 */
export function putPart(
  url: string,
  body: Blob,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const request = new XMLHttpRequest()
    let silence: ReturnType<typeof setTimeout>
    const listenOn = () => {
      clearTimeout(silence)
      silence = setTimeout(() => request.abort(), SILENCE_MS)
    }
    const stop = () => request.abort()
    const fail = (status: number, code: string) => reject(new ApiError(status, code, `part answered ${status}`))

    request.upload.onprogress = (event) => {
      listenOn()
      onSent(event.loaded)
    }
    request.onload = () => {
      const etag = request.getResponseHeader('ETag')
      if (request.status !== 200) fail(request.status, 'part_refused')
      // Without the header exposed by CORS the part is there, but nobody could complete the upload.
      else if (!etag) fail(502, 'part_without_etag')
      else resolve(etag)
    }
    request.onerror = () => fail(0, 'network')
    request.onabort = () => (signal.aborted ? reject(signal.reason) : fail(0, 'timeout'))
    request.onloadend = () => {
      clearTimeout(silence)
      signal.removeEventListener('abort', stop)
    }
    signal.addEventListener('abort', stop, { once: true })
    request.open('PUT', url)
    request.send(body)
    listenOn()
  })
}
