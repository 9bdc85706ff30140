import { useI18n } from 'vue-i18n'

/** Why a message was not taken, by the code of the refusal. */
export function useRefusalText() {
  const { t, te } = useI18n()
  return (code: string): string => {
    // The text of a field of ours, not "the marked fields".
    if (code === 'invalid') return t('chat.refusedText')
    return te(`errors.${code}`) || te(`errors.${code}`, 'en') ? t(`errors.${code}`) : t('errors.internal')
  }
}
