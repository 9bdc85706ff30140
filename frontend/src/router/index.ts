import { createRouter, createWebHistory, type RouteLocationNormalized, type RouterScrollBehavior } from 'vue-router'
import { safeNext } from '@/lib/nextPage'
import { readItem, writeItem } from '@/lib/storage'
import { useNavigation } from '@/stores/navigation'
import { useProgress } from '@/stores/progress'
import { useSession } from '@/stores/session'
import { routes } from './routes'

const scrollBehavior: RouterScrollBehavior = (to, from, saved) => {
  if (saved) return saved
  // Typing in the search changes only the query: the page must stay where it is.
  if (to.path === from.path) return false
  return { top: 0 }
}

export const router = createRouter({ history: createWebHistory(), routes, scrollBehavior })

router.beforeEach(async (to) => {
  useProgress().start()
  const session = useSession()
  if (to.meta.needsAccount || to.meta.guestsOnly) await session.restore()
  if (to.meta.needsAccount && !session.isSignedIn) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.guestsOnly && session.isSignedIn) return safeNext(to.query.next)
  return true
})

router.beforeResolve(() => useNavigation().arrive())

router.afterEach((to, from) => {
  useProgress().done()
  if (from.matched.length > 0 && to.path !== from.path) focusContent(to)
})

/** Who hears the page must hear that it is another one. */
function focusContent(to: RouteLocationNormalized): void {
  if (to.meta.isBare) return
  requestAnimationFrame(() => {
    const isTyping = document.activeElement instanceof HTMLInputElement
    if (!isTyping) document.getElementById('content')?.focus({ preventScroll: true })
  })
}

const RELOADED = 'trunkline.reloaded-at'

/** A page that was open while a new version was installed asks for files that are gone: load it anew, once. */
router.onError((error, to) => {
  useProgress().done()
  const isGone = error instanceof Error && /dynamically imported module|module script|preload CSS/i.test(error.message)
  const last = Number(readItem(RELOADED) ?? 0)
  if (!isGone || Date.now() - last < 10_000) return
  writeItem(RELOADED, String(Date.now()))
  location.assign(to.fullPath)
})
