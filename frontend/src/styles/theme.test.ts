import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contrast } from '@/lib/colour'

const css = readFileSync('src/styles/theme.css', 'utf8')

/** The colours of a block of theme.css, by name. */
function tokens(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? ''
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/gi)].map((match) => [match[1] ?? '', match[2] ?? '']))
}

const common = tokens(':root {')
const themes = { dark: tokens(":root[data-theme='dark'] {"), light: tokens(":root[data-theme='light'] {") }

const GROUNDS = ['page', 'surface', 'raised', 'float']
const LETTERS = ['text', 'muted', 'accent-text', 'success-text', 'warning-text', 'danger-text']
const ON = [
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-live', 'live-fill'],
] as const

describe.each(Object.entries(themes))('the %s theme', (_name, theme) => {
  const colour = (name: string) => theme.get(name) ?? common.get(name) ?? expect.fail(`--${name} is missing`)

  it.each(LETTERS)('%s can be read on every ground', (letters) => {
    for (const ground of GROUNDS) expect(contrast(colour(letters), colour(ground)), ground).toBeGreaterThanOrEqual(4.5)
  })

  it.each(ON)('%s can be read on %s', (letters, ground) => {
    expect(contrast(colour(letters), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it('names the same tokens as the other', () => {
    expect([...theme.keys()]).toEqual([...themes.dark.keys()])
  })
})

describe('contrast', () => {
  it('is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  })
})
