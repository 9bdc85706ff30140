import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { isComposing, keepFromOthers, onKey } from './composing'

const press = (key: string, init: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, bubbles: true, ...init })

describe('keys of an input method', () => {
  it('are told by both marks', () => {
    expect(isComposing(press('Escape', { isComposing: true }))).toBe(true)
    expect(isComposing(press('Enter', { keyCode: 229 }))).toBe(true)
    expect(isComposing(press('Escape'))).toBe(false)
  })

  it('do nothing on the page', () => {
    const run = vi.fn()
    const handler = onKey('Escape', run)
    handler(press('Escape', { isComposing: true }))
    handler(press('Escape', { keyCode: 229 }))
    handler(press('a'))
    expect(run).not.toHaveBeenCalled()
    handler(press('Escape'))
    expect(run).toHaveBeenCalledOnce()
  })

  it('are not heard by dialogs', () => {
    const heard = vi.fn()
    window.addEventListener('keydown', keepFromOthers, { capture: true })
    document.addEventListener('keydown', heard)
    document.body.dispatchEvent(press('Escape', { isComposing: true }))
    expect(heard).not.toHaveBeenCalled()
    document.body.dispatchEvent(press('Escape'))
    expect(heard).toHaveBeenCalledOnce()
    window.removeEventListener('keydown', keepFromOthers, { capture: true })
    document.removeEventListener('keydown', heard)
  })
})

/** Only these look at no key that an input method uses. */
const FREE = ['components/base/BaseField.vue']

describe('every handler of keys', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts)$/.test(name) && !name.includes('.test.'))
  const texts = files.map((name) => [name, readFileSync(`src/${name}`, 'utf8')] as const)

  it.each(texts.filter(([, text]) => /key(down|up|press)[.=:"']/.test(text)))('in %s asks for the input method', (name, text) => {
    expect(text).not.toMatch(/@key(down|up|press)\.(esc|enter)/)
    // The handler stands in the file, or in the composable that it takes it from.
    const asks = texts.filter(([other, words]) => (other === name || text.includes(`/${other.replace(/^.*\/|\.ts$/g, '')}'`)) && /isComposing\(|onKey\(/.test(words))
    if (!FREE.includes(name)) expect(asks).not.toEqual([])
  })
})
