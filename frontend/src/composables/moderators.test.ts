import { createPinia, setActivePinia } from 'pinia'
import { createApp, defineComponent, h, type App } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { getLive } from '@/api/lives'
import type { Live, ModeratorRules } from '@/api/liveTypes'
import { getRules } from '@/api/moderation'
import type { Me } from '@/api/types'
import { actionsFor, type Viewer } from '@/lib/chat/menu'
import type { Message } from '@/lib/chat/message'
import type { ClientOptions } from '@/realtime/client'
import { useSession } from '@/stores/session'
import { useConsole } from './useConsole'
import { useLive } from './useLive'

const service = vi.hoisted(() => ({ isModerator: false, socket: null as ClientOptions | null }))

vi.mock('@/api/lives')
vi.mock('@/api/moderation')
vi.mock('@/api/chat', () => ({ listMessages: () => Promise.resolve({ items: [], has_more: false, epoch: 1, seq: 0 }) }))
vi.mock('@/realtime/client', () => ({
  createRealtimeClient(options: ClientOptions) {
    service.socket = options
    const nothing = () => undefined
    return { subscribe: nothing, unsubscribe: nothing, start: nothing, stop: nothing, restart: nothing, publish: nothing }
  },
}))

const ME = 7
const me = () => ({ is_owner: false, is_moderator: service.isModerator, is_following: false, restriction: null })
const live = () => ({ id: 'loom', channel: 'live:loom', status: 'scheduled', me: me() }) as Live
const message: Message = { seq: 1, at: '', by: { id: 8, name: 'bo', display: 'Bo' }, text: 'hi', reply: null, edited: false, deleted: null }

const settle = () => vi.advanceTimersByTimeAsync(0)
/** What the service does and then says when I am made a moderator, or am one no more. */
async function make(isModerator: boolean, where = 'loom'): Promise<void> {
  if (where === 'loom') service.isModerator = isModerator
  const data = { live: where, is_moderator: isModerator }
  service.socket?.onEvent(`user:${ME}`, { seq: 1, at: '', type: 'chat:moderator', data })
  await settle()
}

let app: App
async function open<T>(use: () => T): Promise<T> {
  let made!: T
  app = createApp(defineComponent(() => ((made = use()), () => h('p'))))
  app.mount(document.createElement('div'))
  await settle()
  return made
}

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  service.isModerator = false
  vi.mocked(getLive).mockImplementation(() => Promise.resolve(live()))
  vi.mocked(getRules).mockImplementation(() => Promise.resolve({ blocked_words: ['zebra'] } as ModeratorRules))
  useSession().user = { id: ME } as Me
})
afterEach(() => {
  app.unmount()
  vi.useRealTimers()
})

describe('useLive', () => {
  const menu = (rights: Live['me'] | undefined) => {
    const viewer: Viewer = { id: ME, isOwner: false, isModerator: rights?.is_moderator ?? false, mayWrite: true }
    return actionsFor(message, viewer)
  }

  it('gives who is made a moderator the tools on the open page, and takes them back', async () => {
    const page = await open(() => useLive(() => 'loom'))
    expect(menu(page.live.value?.me)).toEqual(['reply', 'copy'])
    await make(true)
    expect(menu(page.live.value?.me)).toContain('ban')
    await make(false)
    expect(menu(page.live.value?.me)).toEqual(['reply', 'copy'])
  })

  it('passes by what is said of other lives', async () => {
    const page = await open(() => useLive(() => 'loom'))
    await make(true, 'engine')
    expect(page.live.value?.me.is_moderator).toBe(false)
  })
})

describe('useConsole', () => {
  it('opens to who is made a moderator while it shows that it is for others, and closes again', async () => {
    const page = await open(() => useConsole(() => 'loom'))
    expect(page.rules.value).toBeNull()
    await make(true)
    expect(page.live.value?.me.is_moderator).toBe(true)
    expect(page.rules.value?.blocked_words).toEqual(['zebra'])
    await make(false)
    expect(page.live.value?.me.is_moderator).toBe(false)
    expect(page.rules.value).toBeNull()
  })

  it('shows nothing of the rules when the right goes while they are on their way', async () => {
    service.isModerator = true
    let answer: (rules: ModeratorRules) => void = () => undefined
    vi.mocked(getRules).mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
    const page = await open(() => useConsole(() => 'loom'))
    await make(false)
    answer({ blocked_words: ['zebra'] } as ModeratorRules)
    await settle()
    expect(page.rules.value).toBeNull()
    expect(page.error.value).toBeNull()
  })

  it('looks again when events for me may be missing', async () => {
    const page = await open(() => useConsole(() => 'loom'))
    service.isModerator = true
    service.socket?.onReload(`user:${ME}`)
    await settle()
    expect(page.rules.value?.blocked_words).toEqual(['zebra'])
  })

  it('passes by what is said of other lives', async () => {
    await open(() => useConsole(() => 'loom'))
    vi.mocked(getLive).mockClear()
    await make(true, 'engine')
    expect(getLive).not.toHaveBeenCalled()
  })
})
