import { describe, expect, it } from 'vitest'
import { createApp, h } from 'vue'
import { ApiError } from '@/api/problem'
import type { FieldProblem } from '@/lib/fieldProblem'
import { i18n, setLocale } from '@/locales'
import { useFieldText } from './useFieldText'

function shown(problem: FieldProblem | undefined): string {
  const place = document.createElement('div')
  const setup = () => {
    const text = useFieldText()
    return () => h('p', text(problem))
  }
  const app = createApp({ setup }).use(i18n)
  app.mount(place)
  const said = place.textContent
  app.unmount()
  return said
}

describe('what is wrong with a field', () => {
  it('is said in the language of the page, with its numbers', async () => {
    await setLocale('ko')
    expect(shown({ code: 'too_long', params: { most: 150 } })).toContain('150자')
    await setLocale('en')
    expect(shown({ code: 'bytes_most', params: { most_bytes: 2_000_000 } })).toContain('2 MB')
    expect(shown('our own sentence')).toBe('our own sentence')
    expect(shown(undefined)).toBe('')
  })

  it('comes by code where the service gives one', () => {
    const code = { code: 'empty', params: {} }
    const error = new ApiError(422, 'invalid', 'm', { title: 'is empty', other: 'odd' }, null, null, { title: code })
    expect(error.problems).toEqual({ title: code, other: 'odd' })
  })
})
