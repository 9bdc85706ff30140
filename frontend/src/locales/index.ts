import type { Language } from 'element-plus/es/locale'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import type en from './en'

export const LOCALES = ['en', 'zh-TW', 'ko'] as const
export type Locale = (typeof LOCALES)[number]
export type Messages = typeof en

/** Each language under its own name. */
export const LOCALE_NAMES: Record<Locale, string> = { en: 'English', 'zh-TW': '繁體中文', ko: '한국어' }

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: {} as Record<Locale, Messages>,
  missingWarn: false,
  fallbackWarn: false,
})

/** Element Plus's own words (its dialogs and lists). */
export const elementLanguage = shallowRef<Language>()

const loaders: Record<Locale, () => Promise<[{ default: Messages }, { default: Language }]>> = {
  en: () => Promise.all([import('./en'), import('element-plus/es/locale/lang/en')]),
  'zh-TW': () => Promise.all([import('./zh-TW'), import('element-plus/es/locale/lang/zh-tw')]),
  ko: () => Promise.all([import('./ko'), import('element-plus/es/locale/lang/ko')]),
}

export async function setLocale(locale: Locale): Promise<void> {
  const [messages, language] = await loaders[locale]()
  i18n.global.setLocaleMessage(locale, messages.default)
  i18n.global.locale.value = locale
  elementLanguage.value = language.default
  document.documentElement.lang = locale
}

export function isLocale(value: string): value is Locale {
  return (LOCALES as readonly string[]).includes(value)
}

/** The first language of the browser that we have; any Chinese is better read in ours than English is. */
export function bestLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0]
    if (language === 'zh') return 'zh-TW'
    if (language === 'ko') return 'ko'
    if (language === 'en') return 'en'
  }
  return 'en'
}
