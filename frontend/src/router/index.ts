import { createRouter, createWebHistory, type RouteLocationNormalized, type RouterScrollBehavior } from 'vue-router'
import { forgetFirst } from '@/api/first'
import { safeNext } from '@/lib/nextPage'
import { useNavigation } from '@/stores/navigation'
import { useProgress } from '@/stores/progress'
import { useSession } from '@/stores/session'
import { stayWhileUnreachable } from './offline'
import { routes } from './routes'

const scrollBehavior: RouterScrollBehavior = (to, from, saved) => {
  if (saved) return saved
  // Typing in the search changes only the query: the page must stay where it is.
  if (to.path === from.path) return false
  return { top: 0 }
}

const history = createWebHistory()
export const router = createRouter({ history, routes, scrollBehavior })

// Heard by the router's own history before the router follows. A listener on the window comes after the router's, and
// between the two the way may already be over.
history.listen((to) => useNavigation().pop(router.resolve(to).fullPath))

router.beforeEach(async (to) => {
  useProgress().start()
  const session = useSession()
  if (to.meta.needsAccount || to.meta.guestsOnly) await session.restore()
  // While nobody can say who is there, nobody is sent to the door.
  if (session.isAway) return true
  if (to.meta.needsAccount && !session.isSignedIn) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.guestsOnly && session.isSignedIn) return safeNext(to.query.next)
  return true
})
stayWhileUnreachable(router)

router.beforeResolve((to) => useNavigation().arrive(to.fullPath))

router.afterEach((to, from, failure) => {
  useProgress().done()
  if (from.matched.length > 0) forgetFirst()
  useNavigation().settle(to.fullPath)
  if (!failure && from.matched.length > 0 && to.path !== from.path) focusContent(to)
})

/** Who hears the page must hear that it is another one. */
function focusContent(to: RouteLocationNormalized): void {
  if (to.meta.isBare) return
  requestAnimationFrame(() => {
    const isTyping = document.activeElement instanceof HTMLInputElement
    if (!isTyping) document.getElementById('content')?.focus({ preventScroll: true })
  })
}
