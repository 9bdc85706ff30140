import { useI18n } from 'vue-i18n'

/** Why a video failed, in words; a reason we have no words for is told in general ones. */
export function useReasonText() {
  const { t, te } = useI18n()
  return (reason: string | null): string => {
    const key = `video.reasons.${reason ?? 'unknown'}`
    return t(te(key) || te(key, 'en') ? key : 'video.reasons.unknown')
  }
}
