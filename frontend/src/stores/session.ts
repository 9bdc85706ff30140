import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as auth from '@/api/auth'
import { useTokens } from '@/api/http'
import { ApiError } from '@/api/problem'
import type { Me, Session } from '@/api/types'
import { reconnectDelay } from '@/lib/backoff'
import { singleFlight } from '@/lib/once'
import { pauseUntilOnline } from '@/lib/pause'
import { readItem, writeItem } from '@/lib/storage'

/** Tells whether a refresh is worth asking for; the refresh token itself is out of reach of scripts. */
const HINT = 'trunkline.signed-in'
const RENEW_EARLY_MS = 15_000

export const useSession = defineStore('session', () => {
  const user = ref<Me | null>(null)
  const isSignedIn = computed(() => user.value !== null)
  /** Set when a session ended without being asked to; the router leads to the sign-in page. */
  const hasEnded = ref(false)
  /** Somebody was signed in here, and the service cannot say now whether they still are. It is asked again by itself. */
  const isAway = ref(false)
  /** Grows when a session came back after its pages had been shown without it. */
  const returns = ref(0)
  let accessToken: string | null = null
  let renewAt = 0

  function take(session: Session): void {
    accessToken = session.access_token
    renewAt = Date.now() + session.expires_in * 1000 - RENEW_EARLY_MS
    user.value = session.user
    hasEnded.value = false
    isAway.value = false
    writeItem(HINT, String(session.user.id))
  }

  function drop(): void {
    accessToken = null
    user.value = null
    isAway.value = false
    writeItem(HINT, null)
  }

  /** The refresh token rotates: two tabs must not send the same one, or it looks stolen. */
  const renew = singleFlight(() =>
    oneTabAtATime(async () => {
      try {
        take(await auth.refresh())
        return accessToken
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        return null
      }
    }),
  )

  let restoring: Promise<void> | null = null

  /** Once for each page load; guests ask nothing. When the service is away, the pages need not wait for its return. */
  function restore(): Promise<void> {
    restoring ??= (async () => {
      if (readItem(HINT) === null || (await isTold())) return
      // Most often it was a single answer.
      await pauseUntilOnline(reconnectDelay(0))
      if (!(await isTold())) void keepAsking()
    })()
    return restoring
  }

  /** False when the service could not say who is there. */
  async function isTold(): Promise<boolean> {
    try {
      if ((await renew()) === null) drop()
      return true
    } catch (error) {
      isAway.value = error instanceof ApiError && isPassing(error.status)
      return !isAway.value
    }
  }

  async function keepAsking(): Promise<void> {
    for (let attempt = 1; isAway.value; attempt++) {
      await pauseUntilOnline(reconnectDelay(attempt))
      if (isAway.value && (await isTold()) && user.value) returns.value++
    }
  }

  useTokens({
    async token() {
      await restore()
      if (accessToken !== null && Date.now() > renewAt) await renew().catch(() => null)
      return accessToken
    },
    refresh: renew,
    ended() {
      hasEnded.value = user.value !== null
      drop()
    },
  })

  async function login(name: string, password: string): Promise<void> {
    take(await auth.login({ login: name, password }))
  }

  async function register(form: auth.Registration): Promise<void> {
    take(await auth.register(form))
  }

  async function logout(): Promise<void> {
    await auth.logout()
    drop()
  }

  async function logoutEverywhere(): Promise<void> {
    await auth.endAllSessions()
    drop()
  }

  /** Another tab signed in or out. */
  window.addEventListener('storage', (event) => {
    if (event.key !== HINT) return
    if (event.newValue === null) drop()
    else if (event.newValue !== String(user.value?.id ?? '')) void renew().catch(() => null)
  })

  return { user, isSignedIn, hasEnded, isAway, returns, restore, login, register, logout, logoutEverywhere, drop }
})

async function oneTabAtATime<T>(run: () => Promise<T>): Promise<T> {
  // Web Locks exist in secure contexts only; without them the service's grace for repeated tokens must do.
  return 'locks' in navigator ? await navigator.locks.request('trunkline.refresh', run) : run()
}

/** No answer, too much to do or broken: another time it may go well. */
const isPassing = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500
