import { describe, expect, it } from 'vitest'
import { bestLocale, LOCALES } from '.'
import en from './en'
import ko from './ko'
import zhTW from './zh-TW'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(prefix + key, value)
    else for (const [name, text] of flat(value, `${prefix}${key}.`)) all.set(name, text)
  }
  return all
}

const english = flat(en)
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
const others = { 'zh-TW': flat(zhTW as Tree), ko: flat(ko as Tree) }

describe.each(Object.entries(others))('%s', (name, words) => {
  it('has the same keys as English, in the same order', () => {
    expect([...words.keys()]).toEqual([...english.keys()])
  })

  it('uses the same placeholders', () => {
    const wrong = [...words].filter(([key, text]) => placeholders(text).join() !== placeholders(english.get(key) ?? '').join())
    expect(wrong).toEqual([])
  })

  it('leaves nothing empty or in English', () => {
    const script = name === 'ko' ? /\p{Script=Hangul}/u : /\p{Script=Han}/u
    const wrong = [...words].filter(([, text]) => !script.test(text.replace(/\{\w+\}/g, '')) && /[a-z]{3}/i.test(text.replace(/\{\w+\}/g, '')))
    expect(wrong.filter(([, text]) => !SAME_EVERYWHERE.includes(text))).toEqual([])
    expect([...words].filter(([key, text]) => text.trim() === '' && english.get(key)?.trim() !== '')).toEqual([])
  })

  it('has as many plural forms', () => {
    const forms = (text: string) => text.split(' | ').length
    expect([...words].filter(([key, text]) => forms(text) !== forms(english.get(key) ?? ''))).toEqual([])
  })
})

/** Names of things that have no other word. */
const SAME_EVERYWHERE: string[] = ['Trunkline', 'UTF-16']

describe('bestLocale', () => {
  it('takes the first that we have', () => {
    expect(bestLocale(['fr', 'ko-KR', 'en'])).toBe('ko')
    expect(bestLocale(['zh-Hant-HK'])).toBe('zh-TW')
    expect(bestLocale(['fr'])).toBe('en')
    expect(LOCALES).toHaveLength(3)
  })
})
