import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/problem'
import type { Me, Upload } from '@/api/types'
import { dropUpload, getUpload, listUploads, startUpload } from '@/api/uploads'
import { dropHandle, findHandle, keepHandle, reopen } from '@/lib/upload/handles'
import { useLimits } from './limits'
import { useSession } from './session'
import { runUpload, type RunListener } from './uploadRun'
import { useUploads } from './uploads'

const kept = vi.hoisted(() => new Map<string, string>())
vi.mock('@/api/uploads')
vi.mock('@/lib/upload/handles')
vi.mock('@/lib/storage', () => ({
  readItem: (key: string) => kept.get(key) ?? null,
  writeItem: (key: string, value: string | null) => (value === null ? kept.delete(key) : kept.set(key, value)),
}))
vi.mock('./uploadRun', async (original) => ({ ...(await original<object>()), runUpload: vi.fn() }))

interface Run {
  file: File
  signal: AbortSignal
  listener: RunListener
  done: () => void
  fail: (error: unknown) => void
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const file = (name: string, size = 100) => new File([new Uint8Array(size)], name, { lastModified: 5 })
const upload = (id: string, name: string, size = 100, more: Partial<Upload> = {}): Upload => ({
  upload_id: id, video_id: `v-${id}`, filename: name, size, part_size: 40, part_count: 3, parts: [], status: 'open',
  max_concurrency: 3, ...more,
} as Upload)

let runs: Run[]
let server: Map<string, Upload>

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  setActivePinia(createPinia())
  kept.clear()
  runs = []
  server = new Map()
  let last = 0
  vi.mocked(startUpload).mockImplementation(({ filename, size }) => {
    const made = upload(`u${++last}`, filename, size)
    server.set(made.upload_id, made)
    return Promise.resolve(made)
  })
  vi.mocked(getUpload).mockImplementation((id) => Promise.resolve(server.get(id) as Upload))
  vi.mocked(listUploads).mockImplementation(() => Promise.resolve([...server.values()]))
  vi.mocked(dropUpload).mockResolvedValue(undefined)
  vi.mocked(findHandle).mockResolvedValue(null)
  vi.mocked(runUpload).mockImplementation(
    (sent, _known, signal, listener) =>
      new Promise((done, fail) => {
        runs.push({ file: sent, signal, listener, done, fail })
        signal.addEventListener('abort', () => fail(signal.reason))
      }),
  )
  useSession().user = { id: 7 } as Me
  const unused = { title_max_chars: 1, description_max_chars: 1, tag_max_chars: 1, max_tags: 1, name_max_chars: 1, bio_max_chars: 1 }
  useLimits().limits = {
    ...unused,
    upload_extensions: ['mp4'],
    upload_max_bytes: 1_000,
    avatar_max_bytes: 1,
    caption_max_bytes: 1,
    poster_max_bytes: 1,
    chat_max_chars: 1,
  }
})
afterEach(async () => {
  // Signed out, a store lets go of everything, of the window too.
  useSession().user = null
  await nextTick()
  await nextTick()
  vi.useRealTimers()
})

const states = (uploads: ReturnType<typeof useUploads>) => uploads.items.map((item) => item.state)

describe('useUploads', () => {
  it('refuses what the service would not take, and takes the rest', async () => {
    const uploads = useUploads()
    const refused = await uploads.add([file('a.txt'), file('empty.mp4', 0), file('huge.mp4', 1_001), file('good.mp4')])
    expect(refused.map(({ name, reason }) => [name, reason])).toEqual([
      ['a.txt', 'wrong_type'], ['empty.mp4', 'empty'], ['huge.mp4', 'too_large'],
    ])
    await settle()
    expect(uploads.items.map((item) => [item.name, item.state])).toEqual([['good.mp4', 'sending']])
  })

  it('sends two files at a time, the next when one is done', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4'), file('2.mp4'), file('3.mp4')])
    await settle()
    expect(states(uploads)).toEqual(['sending', 'sending', 'waiting'])
    runs[0]?.listener.onFinishing()
    expect(states(uploads)).toEqual(['finishing', 'sending', 'waiting'])
    runs[0]?.done()
    await settle()
    expect(states(uploads)).toEqual(['done', 'sending', 'sending'])
    expect(uploads.items[0]).toMatchObject({ sent: 100, speed: null, remaining: null })
    expect(dropHandle).toHaveBeenCalledWith('u1')
  })

  it('shows what was sent twice a second', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4')])
    await settle()
    runs[0]?.listener.onSent(60)
    expect(uploads.items[0]?.sent).toBe(0)
    await vi.advanceTimersByTimeAsync(500)
    expect(uploads.items[0]?.sent).toBe(60)
    runs[0]?.listener.onNote('offline')
    await vi.advanceTimersByTimeAsync(500)
    expect(uploads.items[0]).toMatchObject({ state: 'offline', speed: null })
  })

  it('pauses, lets the next one go, and resumes where it stopped', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4'), file('2.mp4'), file('3.mp4')])
    await settle()
    uploads.pause(1)
    expect(runs[0]?.signal.aborted).toBe(true)
    await settle()
    expect(states(uploads)).toEqual(['paused', 'sending', 'sending'])
    // What the old run still says is not this one's.
    runs[0]?.listener.onFinishing()
    await uploads.resume(1)
    expect(states(uploads)[0]).toBe('waiting')
    runs[1]?.done()
    await settle()
    expect(states(uploads)).toEqual(['sending', 'done', 'sending'])
    expect(startUpload).toHaveBeenCalledTimes(3)
  })

  it('does not pause what only waits for the store', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4')])
    await settle()
    runs[0]?.listener.onFinishing()
    uploads.pause(1)
    expect([states(uploads), runs[0]?.signal.aborted]).toEqual([['finishing'], false])
  })

  it('says why one failed, and begins anew where the service knows it no more', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4')])
    await settle()
    runs[0]?.fail(new ApiError(500, 'internal', 'broken'))
    await settle()
    expect(uploads.items[0]).toMatchObject({ state: 'failed', error: { code: 'internal', message: 'broken' } })
    server.set('u1', upload('u1', '1.mp4', 100, { status: 'expired' as Upload['status'] }))
    await uploads.resume(1)
    await settle()
    expect(uploads.items[0]?.error?.code).toBe('upload_gone')
    await uploads.resume(1)
    await settle()
    expect(uploads.items[0]).toMatchObject({ state: 'sending', uploadId: 'u2', error: null })
  })

  it('is done at once where another device has completed it', async () => {
    const uploads = useUploads()
    server.set('u9', upload('u9', '1.mp4', 100))
    vi.mocked(getUpload).mockResolvedValue(upload('u9', '1.mp4', 100, { status: 'completed' as Upload['status'] }))
    await uploads.add([file('1.mp4')])
    await settle()
    expect(states(uploads)).toEqual(['done'])
    expect([vi.mocked(startUpload).mock.calls.length, runs.length]).toEqual([0, 0])
  })

  it('goes on with the open upload a file belongs to', async () => {
    server.set('u9', upload('u9', '1.mp4', 100, { parts: [{ n: 1, size: 40 }] as Upload['parts'] }))
    const uploads = useUploads()
    await uploads.restore()
    expect(uploads.items[0]).toMatchObject({ state: 'needs-file', uploadId: 'u9', sent: 40, hasHandle: false })
    expect(uploads.attach(1, file('1.mp4', 99))).toBe(false)
    expect(uploads.attach(1, file('other.mp4'))).toBe(false)
    await uploads.add([file('1.mp4')])
    await settle()
    expect([uploads.items.length, states(uploads)]).toEqual([1, ['sending']])
    expect(startUpload).not.toHaveBeenCalled()
  })

  it('goes on by itself after a reload where the browser may still read the file', async () => {
    server.set('u9', upload('u9', '1.mp4'))
    vi.mocked(findHandle).mockResolvedValue({} as FileSystemFileHandle)
    vi.mocked(reopen).mockResolvedValue(file('1.mp4'))
    const uploads = useUploads()
    await uploads.restore()
    await settle()
    expect(states(uploads)).toEqual(['sending'])
    await uploads.restore()
    expect(uploads.items.length).toBe(1)
  })

  it('asks for the right to read, and for the file where it has none', async () => {
    server.set('u9', upload('u9', '1.mp4'))
    vi.mocked(findHandle).mockResolvedValue({} as FileSystemFileHandle)
    vi.mocked(reopen).mockResolvedValueOnce(null)
    const uploads = useUploads()
    await uploads.restore()
    expect(uploads.items[0]).toMatchObject({ state: 'needs-file', hasHandle: true })
    vi.mocked(reopen).mockResolvedValueOnce(null)
    await uploads.resume(1)
    expect(states(uploads)).toEqual(['needs-file'])
    vi.mocked(reopen).mockResolvedValueOnce(file('1.mp4'))
    await uploads.resume(1)
    await settle()
    expect(reopen).toHaveBeenLastCalledWith(expect.anything(), true)
    expect(states(uploads)).toEqual(['sending'])
  })

  it('keeps the handle of a file that was chosen with one', async () => {
    const handle = { name: '1.mp4' } as FileSystemFileHandle
    await useUploads().add([file('1.mp4')], [handle])
    await settle()
    expect(keepHandle).toHaveBeenCalledWith('u1', handle)
  })

  it('cancels, also what the service has thrown away already', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4'), file('2.mp4')])
    await settle()
    await uploads.cancel(1)
    expect([runs[0]?.signal.aborted, uploads.items.map((item) => item.name)]).toEqual([true, ['2.mp4']])
    vi.mocked(dropUpload).mockRejectedValueOnce(new ApiError(404, 'not_found', ''))
    await uploads.cancel(2)
    expect(uploads.items).toEqual([])
    await uploads.add([file('3.mp4')])
    await settle()
    vi.mocked(dropUpload).mockRejectedValueOnce(new ApiError(503, 'unavailable', ''))
    await expect(uploads.cancel(3)).rejects.toThrow()
    expect(uploads.items.length).toBe(1)
  })

  it('warns before the page is left only while something is on its way', async () => {
    const leave = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    const uploads = useUploads()
    expect(leave()).toBe(false)
    await uploads.add([file('1.mp4')])
    await settle()
    await nextTick()
    expect(leave()).toBe(true)
    uploads.pause(1)
    await nextTick()
    expect(leave()).toBe(false)
  })

  it('stops everything when somebody else signs in', async () => {
    const uploads = useUploads()
    await uploads.add([file('1.mp4')])
    await settle()
    useSession().user = { id: 8 } as Me
    await nextTick()
    expect([uploads.items, runs[0]?.signal.aborted]).toEqual([[], true])
  })
})
