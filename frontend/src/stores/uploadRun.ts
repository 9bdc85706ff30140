import { completeUpload, getUpload, putPart, reportPart, signParts } from '@/api/uploads'
import { ApiError } from '@/api/problem'
import type { Upload } from '@/api/types'
import { reconnectDelay } from '@/lib/backoff'
import { browserConnection } from '@/lib/upload/connection'
import { judgeCall } from '@/lib/upload/failure'
import { doneParts, type PartPlan } from '@/lib/upload/parts'
import { sendParts, type RunNote } from '@/lib/upload/scheduler'
import { sleep } from '@/lib/upload/sleep'

export interface RunListener {
  onSent(bytes: number): void
  onNote(note: RunNote): void
  /** Every byte is there; the store is putting the parts together. */
  onFinishing(): void
}

const COMPLETE_TRIES = 6

export function planOf(upload: Upload): PartPlan {
  return { size: upload.size, partSize: upload.part_size, partCount: upload.part_count }
}

/** Sends what is missing and completes the upload. What the server knows is asked again when it disagrees. */
export async function runUpload(file: File, known: Upload, signal: AbortSignal, listener: RunListener): Promise<void> {
  let upload = known
  for (let round = 1; ; round++) {
    await sendAll(file, upload, signal, listener)
    listener.onFinishing()
    try {
      return await complete(upload.upload_id, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ApiError) || error.status !== 409 || round >= 3) throw error
      upload = await getUpload(upload.upload_id)
      if (upload.status === 'completed') return
      if (upload.status !== 'open') throw error
    }
  }
}

function sendAll(file: File, upload: Upload, signal: AbortSignal, listener: RunListener): Promise<void> {
  const plan = planOf(upload)
  return sendParts({
    file,
    plan,
    done: doneParts(plan, upload.parts),
    concurrency: upload.max_concurrency,
    connection: browserConnection,
    signal,
    transport: {
      sign: (numbers) => signParts(upload.upload_id, numbers),
      put: putPart,
      report: (n, etag, size) => reportPart(upload.upload_id, n, etag, size),
    },
    onSent: listener.onSent,
    onNote: listener.onNote,
  })
}

/** Completing twice is harmless, so no answer means: ask again. */
async function complete(uploadId: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await completeUpload(uploadId)
      return
    } catch (error) {
      signal.throwIfAborted()
      if (judgeCall(error) !== 'retry' || tries >= COMPLETE_TRIES) throw error
      if (browserConnection.isOnline()) await sleep(reconnectDelay(tries), signal)
      else await browserConnection.untilOnline(signal)
    }
  }
}
