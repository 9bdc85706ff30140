import { updateMe } from '@/api/users'
import type { Locale } from '@/locales'
import { usePreferences } from '@/stores/preferences'
import { useSession } from '@/stores/session'

/** Chooses the language of the pages, and that of the mails of whoever is signed in. */
export function useLanguage() {
  const preferences = usePreferences()
  const session = useSession()
  return async (next: Locale): Promise<void> => {
    await preferences.chooseLocale(next)
    if (session.user) session.user = await updateMe({ locale: next })
  }
}
