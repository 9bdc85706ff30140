import { useI18n } from 'vue-i18n'
import type { FieldProblem } from '@/lib/fieldProblem'
import { useFormat } from './useFormat'

/** What is wrong with an input, in the reader's language; undefined when nothing is. */
export function useFieldText() {
  const { t } = useI18n()
  const format = useFormat()
  return (problem: FieldProblem | undefined): string | undefined => {
    if (problem === undefined || typeof problem === 'string') return problem
    const shown = Object.entries(problem.params).map(([name, value]) => [
      name,
      name.endsWith('_bytes') ? format.bytes(Number(value)) : value,
    ])
    return t(`fields.${problem.code}`, Object.fromEntries(shown))
  }
}
