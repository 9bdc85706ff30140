import { defineStore } from 'pinia'
import { ref } from 'vue'
import { readItem, writeItem } from '@/lib/storage'
import { bestLocale, isLocale, setLocale, type Locale } from '@/locales'

export type Theme = 'system' | 'dark' | 'light'
const THEMES: readonly string[] = ['system', 'dark', 'light']

/** How this browser shows the product; the theme's first use is in public/theme.js. */
export const usePreferences = defineStore('preferences', () => {
  const saved = readItem('trunkline.theme')
  const theme = ref<Theme>(saved !== null && THEMES.includes(saved) ? (saved as Theme) : 'system')
  const locale = ref<Locale>('en')
  const prefersLight = window.matchMedia('(prefers-color-scheme: light)')

  function paint(): void {
    const isLight = theme.value === 'light' || (theme.value === 'system' && prefersLight.matches)
    document.documentElement.dataset.theme = isLight ? 'light' : 'dark'
    // The browser's own bar goes with the page, also where the system is of the other theme.
    const page = getComputedStyle(document.documentElement).getPropertyValue('--page').trim()
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = page
  }

  function chooseTheme(next: Theme): void {
    theme.value = next
    writeItem('trunkline.theme', next === 'system' ? null : next)
    paint()
  }

  async function chooseLocale(next: Locale): Promise<void> {
    await setLocale(next)
    locale.value = next
    writeItem('trunkline.locale', next)
  }

  /** The saved choice, else what the browser asks for. */
  async function begin(): Promise<void> {
    paint()
    prefersLight.addEventListener('change', paint)
    const choice = readItem('trunkline.locale')
    const first = choice !== null && isLocale(choice) ? choice : bestLocale(navigator.languages)
    await setLocale(first)
    locale.value = first
  }

  return { theme, locale, chooseTheme, chooseLocale, begin }
})
