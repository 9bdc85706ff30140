import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { dropUpload, getUpload, listUploads, startUpload } from '@/api/uploads'
import { ApiError } from '@/api/problem'
import type { Upload } from '@/api/types'
import { readItem, writeItem } from '@/lib/storage'
import { contentTypeOf, refuse, type Refusal } from '@/lib/upload/accept'
import { dropHandle, findHandle, keepHandle, reopen } from '@/lib/upload/handles'
import { matchUpload } from '@/lib/upload/match'
import { forget, recall, remember } from '@/lib/upload/memory'
import { speedMeter, type Meter } from '@/lib/upload/meter'
import { bytesOf, doneParts } from '@/lib/upload/parts'
import { planOf, runUpload } from './uploadRun'
import { useLimits } from './limits'
import { useSession } from './session'

export type UploadState =
  | 'starting'
  | 'waiting'
  | 'sending'
  | 'retrying'
  | 'offline'
  | 'paused'
  | 'needs-file'
  | 'finishing'
  | 'done'
  | 'failed'

export interface UploadItem {
  key: number
  uploadId: string | null
  videoId: string | null
  name: string
  size: number
  state: UploadState
  sent: number
  speed: number | null
  remaining: number | null
  error: { code: string; message: string } | null
  /** A stored handle of the file waits for a click that allows reading it. */
  hasHandle: boolean
}

export interface Refused {
  name: string
  size: number
  reason: Refusal
}

interface Backstage {
  file: File | null
  handle: FileSystemFileHandle | null
  stop: AbortController | null
  meter: Meter
  sent: number
}

/** Files sent at the same time, with three parts each: more would not be faster and browsers open six lines to a host. */
const FILES_AT_ONCE = 2
const BUSY: readonly UploadState[] = ['starting', 'waiting', 'sending', 'retrying', 'offline', 'finishing']
const RUNNING: readonly UploadState[] = ['sending', 'retrying', 'offline', 'finishing']

const textStore = { getItem: readItem, setItem: writeItem }

/** My uploads. They go on while I move about in the app. */
export const useUploads = defineStore('uploads', () => {
  const session = useSession()
  const rules = useLimits()
  const items = ref<UploadItem[]>([])
  const backstage = new Map<number, Backstage>()
  let lastKey = 0
  let ticker: ReturnType<typeof setInterval> | undefined

  const busy = computed(() => items.value.filter((item) => BUSY.includes(item.state)))
  const hasBusy = computed(() => busy.value.length > 0)

  function userId(): number {
    return session.user?.id ?? 0
  }
  function find(key: number): UploadItem | undefined {
    return items.value.find((item) => item.key === key)
  }
  function behind(key: number): Backstage {
    const found = backstage.get(key)
    if (found) return found
    const fresh: Backstage = { file: null, handle: null, stop: null, meter: speedMeter(), sent: 0 }
    backstage.set(key, fresh)
    return fresh
  }

  function newItem(name: string, size: number): UploadItem {
    items.value.push({
      key: ++lastKey,
      uploadId: null,
      videoId: null,
      name,
      size,
      state: 'starting',
      sent: 0,
      speed: null,
      remaining: null,
      error: null,
      hasHandle: false,
    })
    return items.value[items.value.length - 1] as UploadItem
  }

  /** Takes files in: a known open upload goes on, anything else starts. Gives back what was refused. */
  async function add(files: readonly File[], handles: readonly FileSystemFileHandle[] = []): Promise<Refused[]> {
    const refused: Refused[] = []
    const open = await listUploads().catch(() => [])
    for (const file of files) {
      const reason = refuse(file, rules.limits)
      if (reason) refused.push({ name: file.name, size: file.size, reason })
      else takeIn(file, handles.find((handle) => handle.name === file.name) ?? null, open)
    }
    return refused
  }

  function takeIn(file: File, handle: FileSystemFileHandle | null, open: readonly Upload[]): void {
    const running = items.value.filter((item) => item.state !== 'needs-file')
    const taken = new Set(running.flatMap((item) => item.uploadId ?? []))
    const found = matchUpload(file, open, recall(textStore, userId()), taken)
    const item = items.value.find((known) => found && known.uploadId === found.upload_id) ?? newItem(file.name, file.size)
    Object.assign(behind(item.key), { file, handle })
    if (found) ready(item, found)
    else void begin(item)
  }

  async function begin(item: UploadItem): Promise<void> {
    const { file } = behind(item.key)
    if (!file) return
    item.state = 'starting'
    item.error = null
    try {
      ready(item, await startUpload({ filename: file.name, size: file.size, content_type: contentTypeOf(file) }))
    } catch (error) {
      fail(item, error)
    }
  }

  function ready(item: UploadItem, upload: Upload): void {
    const { file, handle } = behind(item.key)
    item.uploadId = upload.upload_id
    item.videoId = upload.video_id
    show(item, upload)
    item.state = 'waiting'
    if (file)
      remember(textStore, userId(), {
        uploadId: upload.upload_id,
        videoId: upload.video_id,
        name: file.name,
        size: file.size,
        lastModified: file.lastModified,
      })
    if (handle) void keepHandle(upload.upload_id, handle)
    pump()
  }

  function show(item: UploadItem, upload: Upload): void {
    const plan = planOf(upload)
    item.sent = bytesOf(plan, doneParts(plan, upload.parts))
  }

  function pump(): void {
    const running = items.value.filter((item) => RUNNING.includes(item.state)).length
    const next = items.value.filter((item) => item.state === 'waiting').slice(0, Math.max(0, FILES_AT_ONCE - running))
    for (const item of next) void run(item)
  }

  async function run(item: UploadItem): Promise<void> {
    const back = behind(item.key)
    const { file } = back
    const { uploadId } = item
    if (!file || !uploadId) return
    const stop = new AbortController()
    back.stop = stop
    back.meter.reset()
    back.sent = item.sent
    item.state = 'sending'
    item.error = null
    tick()
    const isMine = () => back.stop === stop
    try {
      const upload = await getUpload(uploadId)
      stop.signal.throwIfAborted()
      if (upload.status === 'open')
        await runUpload(file, upload, stop.signal, {
          onSent: (bytes) => (back.sent = bytes),
          onNote: (note) => isMine() && (item.state = note),
          onFinishing: () => isMine() && (item.state = 'finishing'),
        })
      else if (upload.status !== 'completed' && upload.status !== 'completing')
        throw new ApiError(410, 'upload_gone', upload.status)
      if (isMine()) end(item, uploadId)
    } catch (error) {
      if (isMine() && !stop.signal.aborted) fail(item, error)
    } finally {
      pump()
    }
  }

  function end(item: UploadItem, uploadId: string): void {
    item.state = 'done'
    item.sent = item.size
    item.speed = item.remaining = null
    forget(textStore, userId(), uploadId)
    void dropHandle(uploadId)
    backstage.delete(item.key)
  }

  function fail(item: UploadItem, error: unknown): void {
    item.state = 'failed'
    item.speed = item.remaining = null
    const isKnown = error instanceof ApiError
    const details = isKnown ? Object.values(error.fields)[0] : undefined
    item.error = { code: isKnown ? error.code : 'internal', message: details ?? (isKnown ? error.message : String(error)) }
  }

  /** Speed and what is left move twice a second, however often the browser reports. */
  function tick(): void {
    ticker ??= setInterval(() => {
      const now = performance.now()
      const running = items.value.filter((item) => RUNNING.includes(item.state))
      for (const item of running) {
        const back = behind(item.key)
        item.sent = Math.max(0, back.sent)
        back.meter.add(item.sent, now)
        const isMoving = item.state === 'sending'
        item.speed = isMoving ? back.meter.speed(now) : null
        item.remaining = isMoving ? back.meter.remaining(item.size, now) : null
      }
      if (running.length === 0) {
        clearInterval(ticker)
        ticker = undefined
      }
    }, 500)
  }

  function pause(key: number): void {
    const item = find(key)
    if (!item || item.state === 'finishing') return
    behind(key).stop?.abort()
    item.state = 'paused'
    item.speed = item.remaining = null
    pump()
  }

  async function resume(key: number): Promise<void> {
    const item = find(key)
    if (!item) return
    const back = behind(key)
    if (!back.file && back.handle) back.file = await reopen(back.handle, true)
    if (!back.file) return void (item.state = 'needs-file')
    if (item.error?.code === 'upload_gone' || !item.uploadId) return begin(item)
    item.state = 'waiting'
    pump()
  }

  /** Gives a waiting upload its file again; false when it is another file. */
  function attach(key: number, file: File): boolean {
    const item = find(key)
    if (!item || file.size !== item.size || file.name !== item.name) return false
    behind(key).file = file
    item.state = 'waiting'
    pump()
    return true
  }

  async function cancel(key: number): Promise<void> {
    const item = find(key)
    if (!item) return
    behind(key).stop?.abort()
    if (item.uploadId && item.state !== 'done') {
      await dropUpload(item.uploadId).catch((error: unknown) => {
        if (!(error instanceof ApiError) || ![404, 409, 410].includes(error.status)) throw error
      })
      forget(textStore, userId(), item.uploadId)
      void dropHandle(item.uploadId)
    }
    dismiss(key)
  }

  function dismiss(key: number): void {
    items.value = items.value.filter((item) => item.key !== key)
    backstage.delete(key)
    pump()
  }

  /** Uploads begun before a reload or on another device. Where the browser may still read the file they go on. */
  async function restore(): Promise<void> {
    const shown = new Set(items.value.flatMap((item) => item.uploadId ?? []))
    for (const upload of await listUploads()) {
      if (upload.status !== 'open' || shown.has(upload.upload_id)) continue
      const item = newItem(upload.filename, upload.size)
      item.uploadId = upload.upload_id
      item.videoId = upload.video_id
      item.state = 'needs-file'
      show(item, upload)
      await recover(item, upload.upload_id)
    }
  }

  async function recover(item: UploadItem, uploadId: string): Promise<void> {
    const back = behind(item.key)
    back.handle = await findHandle(uploadId)
    item.hasHandle = back.handle !== null
    const file = back.handle ? await reopen(back.handle, false) : null
    if (file) attach(item.key, file)
  }

  const warn = (event: BeforeUnloadEvent) => event.preventDefault()
  watch(hasBusy, (isBusy) => {
    if (isBusy) window.addEventListener('beforeunload', warn)
    else window.removeEventListener('beforeunload', warn)
  })
  watch(
    () => session.user?.id,
    (id, before) => {
      if (before === undefined || id === before) return
      for (const back of backstage.values()) back.stop?.abort()
      backstage.clear()
      items.value = []
    },
  )

  return { items, busy, hasBusy, add, pause, resume, attach, cancel, dismiss, restore }
})
