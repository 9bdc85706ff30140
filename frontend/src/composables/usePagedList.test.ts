import { effectScope } from 'vue'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/problem'
import type { Page } from '@/api/types'
import { usePagedList } from './usePagedList'

interface Item {
  id: string
}
const page = (ids: string, next: string | null = null): Page<Item> => ({ items: [...ids].map((id) => ({ id })), next_cursor: next })
const ids = (list: { items: Item[] }) => list.items.map((item) => item.id).join('')

function paged(load: (cursor: string | null, signal: AbortSignal) => Promise<Page<Item>>) {
  const scope = effectScope()
  const list = scope.run(() => usePagedList(load))
  if (!list) throw new Error('no scope')
  return { list, scope }
}

describe('usePagedList', () => {
  it('goes on by cursor to the end, and shows nothing twice', async () => {
    const pages: Record<string, Page<Item>> = { first: page('abc', 'x'), x: page('cde') }
    const { list } = paged((cursor) => Promise.resolve(pages[cursor ?? 'first'] ?? page('')))
    await list.reload()
    expect([ids(list), list.isEnd]).toEqual(['abc', false])
    await list.loadMore()
    expect([ids(list), list.isEnd]).toEqual(['abcde', true])
    await list.loadMore()
    expect(ids(list)).toBe('abcde')
  })

  it('asks once while it is asking', async () => {
    let calls = 0
    const { list } = paged(() => {
      calls += 1
      return Promise.resolve(page('a', 'x'))
    })
    await list.reload()
    await Promise.all([list.loadMore(), list.loadMore()])
    expect(calls).toBe(2)
  })

  it('shows the answer to the newest question, in whatever order the answers come', async () => {
    const answers: ((value: Page<Item>) => void)[] = []
    const { list } = paged(() => new Promise((resolve) => answers.push(resolve)))
    const both = [list.reload(), list.reload()]
    answers[1]?.(page('new'))
    answers[0]?.(page('old'))
    await Promise.all(both)
    expect(ids(list)).toBe('new')
  })

  it('keeps what is shown when the next page fails, and goes on from there', async () => {
    let isBroken = true
    const { list } = paged((cursor) => {
      if (cursor === null) return Promise.resolve(page('ab', 'x'))
      return isBroken ? Promise.reject(new ApiError(503, 'unavailable', '')) : Promise.resolve(page('cd'))
    })
    await list.reload()
    await list.loadMore()
    expect([ids(list), list.error instanceof ApiError]).toEqual(['ab', true])
    isBroken = false
    await list.loadMore()
    expect([ids(list), list.error]).toEqual(['abcd', null])
  })

  it('stops asking when its page is left', async () => {
    let seen: AbortSignal | null = null
    const { list, scope } = paged((_cursor, signal) => {
      seen = signal
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new ApiError(0, 'cancelled', ''))))
    })
    const running = list.reload()
    scope.stop()
    await running
    expect((seen as AbortSignal | null)?.aborted).toBe(true)
    expect(list.error).toBeNull()
  })
})
