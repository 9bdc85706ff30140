import type { RouteLocationNormalized, Router } from 'vue-router'
import { isReachable } from '@/api/health'
import { reconnectDelay } from '@/lib/backoff'
import { pauseUntilOnline } from '@/lib/pause'
import { readItem, writeItem } from '@/lib/storage'
import { useNetwork } from '@/stores/network'
import { useProgress } from '@/stores/progress'
import { isThere } from './pages'

const RELOADED = 'trunkline.reloaded-at'
const RELOAD_AGAIN_MS = 10_000

/**
 * Keeps people where they are while the code of the next page cannot be loaded: what plays, is uploaded or half written
 * must not be lost to the browser's own page. The next page opens by itself when the service answers again.
 */
export function stayWhileUnreachable(router: Router): void {
  /** Browsers and the bundler remember what could not be loaded: only a new document asks again. */
  let needsDocument = false

  router.beforeEach(async (to) => {
    const network = useNetwork()
    if (isThere(to)) return true
    if (needsDocument || !network.isOnline) {
      if (!(await isReachable())) return wait(to)
      if (needsDocument) location.assign(to.fullPath)
    }
    return !needsDocument
  })

  router.afterEach((to, _from, failure) => {
    const network = useNetwork()
    if (!failure && to.fullPath !== network.wanted) network.wanted = null
  })

  router.onError(async (error, to) => {
    useProgress().done()
    const isMissing = error instanceof Error && /dynamically imported module|module script|preload CSS/i.test(error.message)
    if (!isMissing) return
    needsDocument = true
    if (await isReachable()) loadAnew(to)
    else wait(to)
  })

  function wait(to: RouteLocationNormalized): false {
    useProgress().done()
    const network = useNetwork()
    const isWaiting = network.wanted !== null
    network.wanted = to.fullPath
    if (!isWaiting) void goOn()
    return false
  }

  async function goOn(): Promise<void> {
    const network = useNetwork()
    for (let attempt = 0; network.wanted !== null; attempt++) {
      await pauseUntilOnline(reconnectDelay(attempt))
      if (network.wanted === null || !(await isReachable())) continue
      const path = network.wanted
      network.wanted = null
      if (path) await router.push(path)
    }
  }
}

/** A page that was open while a new version was installed asks for files that are gone: load it anew, once. */
function loadAnew(to: RouteLocationNormalized): void {
  const last = Number(readItem(RELOADED) ?? 0)
  if (Date.now() - last < RELOAD_AGAIN_MS) return
  writeItem(RELOADED, String(Date.now()))
  location.assign(to.fullPath)
}
