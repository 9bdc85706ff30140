import axios from 'axios'
import { toApiError } from './problem'
import type { PresignedForm } from './types'

/** Talks to object storage: signed addresses, and none of the headers or cookies that are for our own service. */
export const storage = axios.create({ withCredentials: false })

export async function postForm(
  form: PresignedForm,
  file: Blob,
  onProgress: (percent: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const body = new FormData()
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
  // Storage ignores every field after the file.
  body.append('file', file)
  try {
    await storage.post(form.url, body, {
      signal,
      onUploadProgress: (event) => onProgress(Math.round((100 * event.loaded) / (event.total ?? file.size))),
    })
  } catch (error) {
    throw toApiError(error)
  }
}

/** The text of a WebVTT file beside a video: captions and sprite maps. */
export async function getText(url: string, signal?: AbortSignal): Promise<string> {
  try {
    return (await storage.get<string>(url, { signal, responseType: 'text' })).data
  } catch (error) {
    throw toApiError(error)
  }
}
