import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contrast } from '../colour'
import { createReplay } from '../replay'
import { uuid } from '../uuid'
import { announcementOf } from './announce'
import { charsLeft, composerState, isNearLimit, secondsUntil, type ComposerInput } from './composer'
import { land, launch, MAX_FLIGHTS, type Flight } from './flight'
import { nameHue } from './hue'
import { askedMention, completeMention, matchingNames } from './mention'
import type { Message } from './message'
import { EMPTY, type Pending } from './room'
import { isTogether, rowsOf, type Row } from './row'
import { nowTyping, stillTyping, stoppedTyping, TYPING_MS } from './typing'
import { isOnlyEmoji, mentions, wordsOf } from './words'

describe('words', () => {
  it('draws links and mentions, and leaves the rest as text', () => {
    expect(wordsOf('look @anna https://x.org/a. 12:30 me@here.org')).toEqual([
      { kind: 'text', text: 'look ' },
      { kind: 'mention', text: '@anna', name: 'anna' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'https://x.org/a', href: 'https://x.org/a' },
      { kind: 'text', text: '. ' },
      { kind: 'text', text: '12:30' },
      { kind: 'text', text: ' me@here.org' },
    ])
    expect(wordsOf('javascript:alert(1) <b>').map((one) => one.kind)).toEqual(['text'])
  })

  it('knows when I am meant', () => {
    expect(mentions('hi @Anna!', 'anna')).toBe(true)
    expect(mentions('hi @annabel', 'anna')).toBe(false)
    expect(mentions('hi @anna', null)).toBe(false)
  })

  it('draws a few emoji large, nothing else', () => {
    expect(['❤️', '🎉🎉', '👍🏽 👩‍👩‍👧 🇹🇼'].map(isOnlyEmoji)).toEqual([true, true, true])
    expect(['1', 'a', '❤️❤️❤️❤️', '', '🎉!'].map(isOnlyEmoji)).toEqual([false, false, false, false, false])
  })
})

describe('a mention that is being typed', () => {
  it('is seen at the caret', () => {
    expect(askedMention('hi @an', 6)).toEqual({ from: 3, query: 'an' })
    expect(askedMention('hi @an there', 12)).toBeNull()
    expect(askedMention('mail@an', 7)).toBeNull()
  })

  it('is completed with who wrote last', () => {
    const recent = ['anna', 'ben', 'anna', 'Andy'].map((name) => ({ name, display: name }))
    expect(matchingNames('AN', recent).map((one) => one.name)).toEqual(['anna', 'Andy'])
    expect(completeMention('hi @an!', 6, { from: 3, query: 'an' }, 'anna')).toEqual({ text: 'hi @anna !', caret: 9 })
    expect(completeMention('hi @an x', 6, { from: 3, query: 'an' }, 'anna')).toEqual({ text: 'hi @anna x', caret: 8 })
  })
})

describe('rows', () => {
  const at = (minute: number) => `2026-11-25T10:0${minute}:00Z`
  const message = (seq: number, name: string, minute: number, more: Partial<Message> = {}): Message => ({
    seq, at: at(minute), by: { id: name.length, name, display: name }, text: 'x', edited: false, deleted: null, ...more,
  })
  const row = (value: Message): Row => ({ kind: 'message', key: '', message: value })
  const pending: Pending = { cid: 'c', text: 'x', reply: null, state: 'sending', code: null, seq: null }
  const mine: Row = { kind: 'pending', key: 'c', pending }

  it('stand together when one person goes on', () => {
    const first = row(message(1, 'anna', 0))
    expect(isTogether(first, row(message(2, 'anna', 1)), null)).toBe(true)
    expect(isTogether(first, row(message(2, 'ben', 1)), null)).toBe(false)
    expect(isTogether(first, row(message(2, 'anna', 5)), null)).toBe(false)
    expect(isTogether(first, row(message(2, 'anna', 1, { reply: { seq: 1, name: 'b', text: '' } })), null)).toBe(false)
    expect(isTogether(row(message(1, 'anna', 0, { deleted: 'author' })), row(message(2, 'anna', 0)), null)).toBe(false)
    expect(isTogether(first, mine, 'anna')).toBe(true)
    expect(isTogether(first, mine, 'ben')).toBe(false)
    expect(isTogether(mine, mine, 'ben')).toBe(true)
    expect(isTogether(undefined, mine, 'ben')).toBe(false)
  })

  it('are the same objects as long as the messages are', () => {
    const room = { ...EMPTY, messages: [message(1, 'anna', 0)], pending: [pending] }
    expect(rowsOf(room)[0]).toBe(rowsOf({ ...room })[0])
    expect(rowsOf(room).map((one) => one.key)).toEqual(['m1', 'c'])
    expect(rowsOf({ ...room, hasNewer: true })).toHaveLength(1)
  })
})

describe('the composer', () => {
  const rules = { is_open: true, slow_seconds: 0, followers_only: true, verified_only: true, unique_only: false, link_rule: 'allow' } as const
  const now = Date.parse('2026-11-25T10:00:00Z')
  const input: ComposerInput = {
    isSignedIn: true, isVerified: true, isInCharge: false, isFollowing: true, hasEnded: false, rules, restriction: null, now,
  }
  const until = '2026-11-25T10:00:10Z'

  it('counts what is sent as the service does, and tells when the end is near', () => {
    expect(charsLeft('  two \n words ', 10)).toBe(1)
    expect(charsLeft('🐇'.repeat(11), 10)).toBe(-1)
    expect([101, 80, 0, -1].map((left) => isNearLimit(left, 500))).toEqual([false, true, true, true])
    expect([11, 10].map((left) => isNearLimit(left, 50))).toEqual([false, true])
  })

  it('has no end while the limit is not known', () => {
    expect(isNearLimit(charsLeft('x'.repeat(9000), Infinity), Infinity)).toBe(false)
  })

  it('says what stands in the way, the gravest first', () => {
    const kind = (more: Partial<ComposerInput>) => composerState({ ...input, ...more }).kind
    expect(kind({})).toBe('open')
    expect(kind({ hasEnded: true, isSignedIn: false })).toBe('ended')
    expect(kind({ isSignedIn: false })).toBe('guest')
    expect(kind({ restriction: { kind: 'ban', until: null, reason: '' }, isFollowing: false })).toBe('banned')
    expect(kind({ restriction: { kind: 'timeout', until, reason: '' } })).toBe('timeout')
    expect(kind({ restriction: { kind: 'timeout', until, reason: '' }, now: now + 10_000 })).toBe('open')
    expect(kind({ rules: { ...rules, is_open: false } })).toBe('closed')
    expect(kind({ rules: { ...rules, is_open: false }, isInCharge: true })).toBe('open')
    expect(kind({ isVerified: false, isFollowing: false })).toBe('unverified')
    expect(kind({ isFollowing: false })).toBe('follow')
  })

  it('counts whole seconds down to nothing', () => {
    expect([secondsUntil(now + 1500, now), secondsUntil(now, now), secondsUntil(now - 5, now)]).toEqual([2, 0, 0])
  })
})

describe('typing', () => {
  it('lasts a moment', () => {
    const typing = nowTyping(nowTyping(new Map(), 'anna', 0), 'ben', 1000)
    expect([...stillTyping(typing, TYPING_MS).keys()]).toEqual(['ben'])
    expect(stillTyping(typing, 10)).toBe(typing)
    expect([...stoppedTyping(typing, 'anna').keys()]).toEqual(['ben'])
  })
})

describe('flights', () => {
  it('are never more than the page can bear', () => {
    let flights: readonly Flight[] = []
    for (let count = 0; count < MAX_FLIGHTS + 5; count++) flights = launch(flights, '🎉')
    expect(flights).toHaveLength(MAX_FLIGHTS)
    expect(land(flights, flights[0]?.id ?? 0)).toHaveLength(MAX_FLIGHTS - 1)
    expect(new Set(flights.map((one) => one.id)).size).toBe(MAX_FLIGHTS)
  })
})

describe('what is read out', () => {
  it('is a message or two, then a number', () => {
    const line = { name: 'Anna', text: 'hi' }
    expect(announcementOf([])).toBeNull()
    expect(announcementOf([line, line])).toEqual({ kind: 'lines', lines: [line, line] })
    expect(announcementOf([line, line, line])).toEqual({ kind: 'count', count: 3 })
  })
})

describe('the colours of names', () => {
  const css = readFileSync('src/styles/theme.css', 'utf8')
  const block = (theme: string) => css.slice(css.indexOf(`:root[data-theme='${theme}'] {`)).match(/\{([^}]*)\}/)?.[1] ?? ''

  it.each(['dark', 'light'])('can be read on every ground of the %s theme', (theme) => {
    const [, saturation = '0', lightness = '0'] = /--name: (\d+)% (\d+)%/.exec(block(theme)) ?? []
    const grounds = [...block(theme).matchAll(/--(?:page|surface|raised): (#\w{6})/g)].map((match) => match[1] ?? '')
    expect(grounds).toHaveLength(3)
    for (let hue = 0; hue < 360; hue++) {
      const letters = hex(hue, Number(saturation) / 100, Number(lightness) / 100)
      for (const ground of grounds) expect(contrast(letters, ground), `${hue} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('are far apart for names that are close', () => {
    const apart = Math.abs(nameHue('person_1') - nameHue('person_2'))
    expect(Math.min(apart, 360 - apart)).toBeGreaterThan(60)
    expect(nameHue('Anna')).toBe(nameHue('anna'))
  })

  function hex(hue: number, saturation: number, lightness: number): string {
    const part = (n: number) => {
      const k = (n + hue / 30) % 12
      const value = lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
      return Math.round(value * 255).toString(16).padStart(2, '0')
    }
    return `#${part(0)}${part(8)}${part(4)}`
  }
})

describe('a replay', () => {
  it('tells again what came while an answer was on its way', () => {
    const told: string[] = []
    const replay = createReplay()
    replay.tell(() => told.push('before'))
    replay.begin()
    replay.tell(() => told.push('first'))
    replay.begin()
    replay.end()
    replay.tell(() => told.push('second'))
    replay.end()
    replay.tell(() => told.push('after'))
    expect(told).toEqual(['before', 'first', 'first', 'second', 'first', 'second', 'after'])
  })
})

describe('uuid', () => {
  it('is a UUID on pages that are not secure too', () => {
    const secure = crypto.randomUUID
    try {
      Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true })
      expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    } finally {
      Object.defineProperty(crypto, 'randomUUID', { value: secure, configurable: true })
    }
  })
})
