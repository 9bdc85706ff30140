import { describe, expect, it } from 'vitest'
import { actionFor, nextSpeed, type KeyPress } from './keys'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isButton: false,
  isSlider: false,
  isTyping: false,
  ...more,
})

describe('actionFor', () => {
  it('knows every shortcut', () => {
    expect(actionFor(press(' '))).toEqual({ do: 'toggle' })
    expect(actionFor(press('k'))).toEqual({ do: 'toggle' })
    expect(actionFor(press('J'))).toEqual({ do: 'seekBy', seconds: -10 })
    expect(actionFor(press('l'))).toEqual({ do: 'seekBy', seconds: 10 })
    expect(actionFor(press('ArrowLeft'))).toEqual({ do: 'seekBy', seconds: -5 })
    expect(actionFor(press('ArrowUp'))).toEqual({ do: 'volumeBy', step: 0.05 })
    expect(actionFor(press('7'))).toEqual({ do: 'seekToPart', tenths: 7 })
    expect(actionFor(press('End'))).toEqual({ do: 'seekToEnd' })
    for (const [key, name] of Object.entries({ m: 'mute', c: 'captions', f: 'fullscreen', t: 'theatre', i: 'pip' }))
      expect(actionFor(press(key))).toEqual({ do: name })
    expect(actionFor(press('<'))).toEqual({ do: 'slower' })
    expect(actionFor(press('>'))).toEqual({ do: 'faster' })
    expect(actionFor(press('?'))).toEqual({ do: 'help' })
    expect(actionFor(press('x'))).toBeNull()
  })

  it('leaves the browser, text fields and focused controls alone', () => {
    expect(actionFor(press('f', { ctrlKey: true }))).toBeNull()
    expect(actionFor(press('l', { metaKey: true }))).toBeNull()
    expect(actionFor(press('ArrowLeft', { altKey: true }))).toBeNull()
    expect(actionFor(press('k', { isTyping: true }))).toBeNull()
    expect(actionFor(press(' ', { isButton: true }))).toBeNull()
    expect(actionFor(press('k', { isButton: true }))).toEqual({ do: 'toggle' })
    expect(actionFor(press('ArrowUp', { isSlider: true }))).toBeNull()
    expect(actionFor(press('5', { isSlider: true }))).toEqual({ do: 'seekToPart', tenths: 5 })
  })
})

describe('nextSpeed', () => {
  it('goes one step and stops at the ends', () => {
    expect(nextSpeed(1, 1)).toBe(1.25)
    expect(nextSpeed(1, -1)).toBe(0.75)
    expect(nextSpeed(2, 1)).toBe(2)
    expect(nextSpeed(0.25, -1)).toBe(0.25)
    expect(nextSpeed(1.1, -1)).toBe(1)
  })
})
