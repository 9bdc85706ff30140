import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import './styles/theme.css'
import './styles/base.css'
import App from './App.vue'
import { i18n } from './locales'
import { router } from './router'
import { useEvents } from './stores/events'
import { useFault } from './stores/fault'
import { useNavigation } from './stores/navigation'
import { usePreferences } from './stores/preferences'
import { useSession } from './stores/session'

async function begin(): Promise<void> {
  const app = createApp(App).use(createPinia()).use(i18n)
  const fault = useFault()
  app.config.errorHandler = (error) => fault.report(error)
  const session = useSession()
  void session.restore()
  useEvents()
  // The language first: a page must not be painted in one and then in another.
  await usePreferences().begin()
  // Before the router, so that it hears of a step back first.
  useNavigation()
  app.use(router)
  // A page that cannot be loaded is for the frame to tell.
  await router.isReady().catch(() => undefined)
  app.mount('#app')
}

void begin()
