import { createPinia } from 'pinia'
import { createApp, watch } from 'vue'
import 'element-plus/theme-chalk/base.css'
import './styles/theme.css'
import './styles/base.css'
import App from './App.vue'
import { keepFromOthers } from './lib/composing'
import { i18n } from './locales'
import { router } from './router'
import { loadAhead } from './router/pages'
import { routes } from './router/routes'
import { useEvents } from './stores/events'
import { useFault } from './stores/fault'
import { usePreferences } from './stores/preferences'
import { useSession } from './stores/session'

async function begin(): Promise<void> {
  const app = createApp(App).use(createPinia()).use(i18n)
  const fault = useFault()
  app.config.errorHandler = (error) => fault.report(error)
  window.addEventListener('keydown', keepFromOthers, { capture: true })
  const session = useSession()
  void session.restore()
  useEvents()
  // The language first: a page must not be painted in one and then in another.
  await usePreferences().begin()
  app.use(router)
  // A page that cannot be loaded is for the frame to tell.
  await router.isReady().catch(() => undefined)
  app.mount('#app')
  const mayOpen = () => routes.filter((route) => !route.meta?.needsAccount || session.isSignedIn)
  whenIdle(() => watch(() => session.isSignedIn, () => void loadAhead(mayOpen()), { immediate: true }))
}

/** Where the connection breaks the pages are there; not for those who count their megabytes. */
function whenIdle(run: () => void): void {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } }
  if (connection?.saveData) return
  if ('requestIdleCallback' in window) requestIdleCallback(run)
  else setTimeout(run, 2_000)
}

void begin()
