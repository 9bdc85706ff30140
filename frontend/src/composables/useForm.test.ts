import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/problem'
import { useForm } from './useForm'

const refused = (fields: Record<string, string>) => Promise.reject(new ApiError(422, 'invalid', 'm', fields))

describe('useForm', () => {
  it('says what is missing only after a try, and sends nothing until it is right', async () => {
    const submit = vi.fn(() => Promise.resolve())
    const form = useForm({ values: { name: '' }, check: (values) => (values.name ? {} : { name: 'missing' }), submit })
    expect(form.errors.name).toBeUndefined()
    expect(await form.submit()).toBe(false)
    expect(form.errors.name).toBe('missing')
    form.values.name = 'x'
    expect(form.errors.name).toBeUndefined()
    expect(await form.submit()).toBe(true)
    expect(submit).toHaveBeenCalledTimes(1)
    expect(form.isDone).toBe(true)
  })

  it('puts what the service says beside the field, until the field is changed', async () => {
    const form = useForm({ values: { name: 'root' }, submit: () => refused({ name: 'cannot be chosen' }) })
    await form.submit()
    expect(form.errors.name).toBe('cannot be chosen')
    expect(form.failure).toBeNull()
    form.values.name = 'roots'
    expect(form.errors.name).toBeUndefined()
  })

  it('blames a field for a code', async () => {
    const form = useForm({
      values: { name: 'mika' },
      submit: () => Promise.reject(new ApiError(409, 'name_taken', 'm')),
      blame: { name_taken: { field: 'name', text: 'taken' } },
    })
    await form.submit()
    expect(form.errors.name).toBe('taken')
  })

  it('keeps what was typed when it fails as a whole', async () => {
    const form = useForm({ values: { name: 'x' }, submit: () => refused({ other: 'nobody knows' }) })
    await form.submit()
    expect(form.failure).toBeInstanceOf(ApiError)
    expect(form.values.name).toBe('x')
  })

  it('sends once, however often the button is pressed', async () => {
    let end: () => void = () => undefined
    const submit = vi.fn(() => new Promise<void>((resolve) => (end = resolve)))
    const form = useForm({ values: { name: 'x' }, submit })
    const first = form.submit()
    expect(form.isBusy).toBe(true)
    expect(await form.submit()).toBe(false)
    end()
    await first
    expect(submit).toHaveBeenCalledTimes(1)
    expect(form.isBusy).toBe(false)
  })

  it('knows what has been typed and not sent', async () => {
    const form = useForm({ values: { name: '' }, submit: () => Promise.resolve() })
    expect(form.isDirty).toBe(false)
    form.values.name = 'x'
    expect(form.isDirty).toBe(true)
    await form.submit()
    expect(form.isDirty).toBe(false)
    form.values.name = ''
    expect(form.isDirty).toBe(true)
  })

  it('keeps what was not accepted for unsent', async () => {
    const form = useForm({ values: { name: '' }, submit: () => refused({ other: 'nobody knows' }) })
    form.values.name = 'x'
    await form.submit()
    expect(form.isDirty).toBe(true)
  })
})
