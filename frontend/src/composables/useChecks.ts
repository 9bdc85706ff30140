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
    username: (value: string) => required(value) ?? (USERNAME.test(value) ? undefined : t('fields.username_form')),
    email: (value: string) => required(value) ?? (EMAIL.test(value.trim()) ? undefined : t('fields.email_form')),
    password(value: string) {
      if (value.length < PASSWORD_MIN) return t('fields.too_short', { least: PASSWORD_MIN })
      return value.length > PASSWORD_MAX ? t('fields.too_long', { most: PASSWORD_MAX }) : undefined
    },
    /** A limit that is not known yet is the service's to hold. */
    atMost: (value: string, most: number | undefined) =>
      most !== undefined && value.length > most ? t('fields.too_long', { most }) : undefined,
  }
}

/** Leaves out the fields with nothing to say. */
export function only<Name extends string>(errors: Partial<Record<Name, string | undefined>>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(errors).filter(([, text]) => text !== undefined)) as Partial<Record<Name, string>>
}
