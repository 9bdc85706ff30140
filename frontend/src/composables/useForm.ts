import { computed, reactive, ref, shallowRef, type Reactive } from 'vue'
import { toApiError } from '@/api/problem'
import type { FieldProblem } from '@/lib/fieldProblem'

export type FieldErrors<Values> = Partial<Record<keyof Values & string, FieldProblem>>

export interface FormOptions<Values extends object> {
  values: Values
  /** Sentences by field; nothing for a field that is right. */
  check?: (values: Values) => FieldErrors<Values>
  submit: (values: Values) => Promise<void>
  /** Codes that are about one field: where to say it, and what. */
  blame?: Record<string, { field: keyof Values & string; text: string }>
}

export interface Form<Values extends object> {
  values: Reactive<Values>
  errors: Readonly<FieldErrors<Values>>
  /** What went wrong as a whole, when no field is to blame. */
  failure: unknown
  isBusy: boolean
  isDone: boolean
  /** Something stands there that has not been sent. */
  isDirty: boolean
  submit: () => Promise<boolean>
}

/** A form that sends once at a time, puts errors beside their fields and never loses what was typed. */
export function useForm<Values extends object>(options: FormOptions<Values>): Form<Values> {
  const values = reactive({ ...options.values })
  const sent = ref(JSON.stringify(options.values))
  const isDirty = computed(() => JSON.stringify(values) !== sent.value)
  const isBusy = ref(false)
  const isDone = ref(false)
  const hasTried = ref(false)
  const failure = shallowRef<unknown>(null)
  /** What the service said about a value, as long as the value is still the same. */
  const refused = ref<Record<string, { value: unknown; text: FieldProblem }>>({})

  const current = () => values as Values
  const valueOf = (name: string) => (values as Record<string, unknown>)[name]

  const errors = computed(() => {
    const found: Record<string, FieldProblem> = {}
    for (const [name, { value, text }] of Object.entries(refused.value)) {
      if (valueOf(name) === value) found[name] = text
    }
    return { ...(hasTried.value ? options.check?.(current()) : {}), ...found } as FieldErrors<Values>
  })

  async function submit(): Promise<boolean> {
    if (isBusy.value) return false
    hasTried.value = true
    refused.value = {}
    failure.value = null
    if (Object.keys(options.check?.(current()) ?? {}).length > 0) return focusFirstError()
    isBusy.value = true
    try {
      const sending = JSON.stringify(values)
      await options.submit(current())
      sent.value = sending
      hasTried.value = false
      isDone.value = true
      return true
    } catch (error) {
      isDone.value = false
      take(error)
      return false
    } finally {
      isBusy.value = false
    }
  }

  function take(error: unknown): void {
    const problem = toApiError(error)
    const blamed = options.blame?.[problem.code]
    const fields = blamed ? { [blamed.field]: blamed.text } : problem.problems
    const own = Object.entries(fields).filter(([name]) => name in values)
    refused.value = Object.fromEntries(own.map(([name, text]) => [name, { value: valueOf(name), text }]))
    if (own.length === 0) failure.value = problem
    else focusFirstError()
  }

  return reactive({ values, errors, failure, isBusy, isDone, isDirty, submit }) as unknown as Form<Values>
}

function focusFirstError(): false {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  return false
}
