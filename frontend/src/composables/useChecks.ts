import { useI18n } from 'vue-i18n'
import { PASSWORD_MAX, PASSWORD_MIN } from '@/lib/password'

const USERNAME = /^[A-Za-z0-9_]{3,30}$/
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** What can be said about a field before the service is asked. Undefined: nothing is wrong. */
export function useChecks() {
  const { t } = useI18n()
  const required = (value: string) => (value.trim() === '' ? t('account.check.required') : undefined)
  return {
    required,
    username: (value: string) => required(value) ?? (USERNAME.test(value) ? undefined : t('account.check.username')),
    email: (value: string) => required(value) ?? (EMAIL.test(value.trim()) ? undefined : t('account.check.email')),
    password(value: string) {
      if (value.length < PASSWORD_MIN) return t('account.check.passwordShort', { min: PASSWORD_MIN })
      return value.length > PASSWORD_MAX ? t('account.check.passwordLong', { max: PASSWORD_MAX }) : undefined
    },
    atMost: (value: string, max: number) =>
      value.length > max ? t('account.check.tooLong', { max }) : undefined,
  }
}

/** Leaves out the fields with nothing to say. */
export function only<Name extends string>(errors: Partial<Record<Name, string | undefined>>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(errors).filter(([, text]) => text !== undefined)) as Partial<Record<Name, string>>
}
