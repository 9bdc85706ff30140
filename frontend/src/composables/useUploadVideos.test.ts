import { createPinia, setActivePinia } from 'pinia'
import { effectScope } from 'vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Video } from '@/api/types'
import { updateVideo } from '@/api/videos'
import { canPublish, isReadyToPublish } from '@/lib/video/publish'
import { useUploads, type UploadItem } from '@/stores/uploads'
import { useUploadVideos } from './useUploadVideos'

const toast = vi.hoisted(() => ({ success: vi.fn(), error: vi.fn(), info: vi.fn(), undo: vi.fn() }))
vi.mock('@/api/videos')
vi.mock('vue-i18n', () => ({ useI18n: () => ({ t: (key: string, values?: object) => key + JSON.stringify(values ?? {}) }) }))
vi.mock('./useToast', () => ({ useToast: () => toast }))

const video = (id: string, more: Partial<Video> = {}): Video =>
  ({ id, visibility: 'private', status: 'transcoding', is_playable: true, publish_at: null, ...more }) as Video

function withVideos(...videos: Video[]) {
  useUploads().items = videos.map(({ id }, key) => ({ key, videoId: id }) as UploadItem)
  const mine = effectScope().run(useUploadVideos) as ReturnType<typeof useUploadVideos>
  for (const one of videos) mine.videos.set(one.id, one)
  return mine
}

beforeEach(() => {
  vi.clearAllMocks()
  setActivePinia(createPinia())
  vi.mocked(updateVideo).mockImplementation((id, patch) => Promise.resolve(video(id, patch)))
})

describe('what can be published', () => {
  it('is what nobody else may see yet and what can be or will be played', () => {
    expect(canPublish(video('a', { is_playable: false }))).toBe(true)
    expect(canPublish(video('a', { status: 'failed', is_playable: false }))).toBe(false)
    expect(canPublish(video('a', { status: 'failed' }))).toBe(true)
    expect(canPublish(video('a', { visibility: 'public' }))).toBe(false)
    expect(isReadyToPublish(video('a', { is_playable: false }))).toBe(false)
  })
})

describe('useUploadVideos', () => {
  it('publishes all that can be watched, each for whom its card says', async () => {
    const mine = withVideos(video('a'), video('b', { is_playable: false }), video('c'), video('d', { visibility: 'unlisted' }))
    mine.choose('c', 'unlisted')
    expect(mine.ready.value.map(({ id }) => id)).toEqual(['a', 'c'])
    await mine.publishAll()
    expect(vi.mocked(updateVideo).mock.calls).toEqual([['a', { visibility: 'public' }], ['c', { visibility: 'unlisted' }]])
    expect([mine.videos.get('c')?.visibility, mine.ready.value, mine.isBusy.value]).toEqual(['unlisted', [], false])
    expect(toast.success).toHaveBeenCalledWith('upload.publish.allDone{"count":2}')
  })

  it('keeps none back for one that is refused, and says so', async () => {
    const mine = withVideos(video('a'), video('b'))
    vi.mocked(updateVideo).mockRejectedValueOnce(new Error('away'))
    await mine.publishAll()
    expect(mine.ready.value.map(({ id }) => id)).toEqual(['a'])
    expect(toast.error).toHaveBeenCalledWith(new Error('away'))
    expect(toast.success).toHaveBeenCalledWith('upload.publish.allDone{"count":1}')
  })

  it('leaves alone what becomes public by itself', async () => {
    const mine = withVideos(video('a'), video('b', { publish_at: '2027-01-01T00:00:00.000Z' }), video('c'))
    mine.choose('c', 'later')
    await mine.publishAll()
    expect(vi.mocked(updateVideo).mock.calls).toEqual([['a', { visibility: 'public' }]])
  })

  it('forgets what was removed from the list', () => {
    const mine = withVideos(video('a'), video('b'))
    useUploads().items = []
    expect(mine.ready.value).toEqual([])
  })
})
