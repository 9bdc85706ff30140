import { useRoute, useRouter } from 'vue-router'

/** The token of a mailed link. It stands in the fragment, which no server sees; `forget` clears it once it is used. */
export function useMailToken() {
  const route = useRoute()
  const router = useRouter()
  return {
    token: new URLSearchParams(route.hash.slice(1)).get('token'),
    forget: () => void router.replace({ path: route.path, query: route.query, hash: '' }),
  }
}
