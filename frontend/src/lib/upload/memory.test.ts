import { describe, expect, it } from 'vitest'
import { matchUpload } from './match'
import { forget, recall, remember, type TextStore } from './memory'

function memoryStore(): TextStore {
  const values = new Map<string, string>()
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => void values.set(key, value) }
}

const ENTRY = { uploadId: 'u1', videoId: 'v1', name: 'a.mp4', size: 10, lastModified: 5 }

describe('memory of uploads', () => {
  it('keeps, replaces and forgets, each user apart', () => {
    const store = memoryStore()
    remember(store, 1, ENTRY)
    remember(store, 1, { ...ENTRY, lastModified: 6 })
    remember(store, 2, { ...ENTRY, uploadId: 'u2' })
    expect(recall(store, 1)).toEqual([{ ...ENTRY, lastModified: 6 }])
    forget(store, 1, 'u1')
    expect(recall(store, 1)).toEqual([])
    expect(recall(store, 2)).toHaveLength(1)
  })

  it('survives what others wrote there', () => {
    const store = memoryStore()
    store.setItem('trunkline.uploads.1', '{"not":"a list"}')
    expect(recall(store, 1)).toEqual([])
    store.setItem('trunkline.uploads.1', '[1, {"uploadId": 3}, null')
    expect(recall(store, 1)).toEqual([])
  })

  it('does not fail when the store is full', () => {
    const full: TextStore = {
      getItem: () => null,
      setItem: () => {
        throw new Error('quota')
      },
    }
    expect(() => remember(full, 1, ENTRY)).not.toThrow()
  })
})

describe('matchUpload', () => {
  const file = { name: 'a.mp4', size: 10, lastModified: 5 }
  const open = (id: string, more = {}) => ({ upload_id: id, filename: 'a.mp4', size: 10, status: 'open', ...more })

  it('finds the remembered upload of the same file', () => {
    expect(matchUpload(file, [open('u0'), open('u1')], [ENTRY])?.upload_id).toBe('u1')
  })

  it('does not continue with a file that has changed since', () => {
    expect(matchUpload({ ...file, lastModified: 99 }, [open('u1')], [ENTRY])).toBeNull()
  })

  it('continues on another device by name and size', () => {
    expect(matchUpload(file, [open('u7')], [])?.upload_id).toBe('u7')
    expect(matchUpload(file, [open('u7'), open('u8')], [])).toBeNull()
  })

  it('leaves alone what is not open, differs, or is being sent already', () => {
    expect(matchUpload(file, [open('u7', { status: 'completed' })], [])).toBeNull()
    expect(matchUpload(file, [open('u7', { size: 11 })], [])).toBeNull()
    expect(matchUpload(file, [open('u7')], [], new Set(['u7']))).toBeNull()
  })
})
