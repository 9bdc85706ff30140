import type { Component } from 'vue'
import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'

type Load = () => Promise<{ default: Component }>
interface Page extends Load {
  isLoaded: boolean
}

/** A page whose code comes when it is first asked for, and which knows whether it is there. */
export function page(load: Load): Page {
  const made: Page = Object.assign(
    async () => {
      const found = await load()
      made.isLoaded = true
      return found
    },
    { isLoaded: false },
  )
  return made
}

const isPage = (value: unknown): value is Page => typeof value === 'function' && 'isLoaded' in value

/** Whether a page can be shown without asking for its code. The router replaces a loader by what it has loaded. */
export function isThere(to: RouteLocationNormalized): boolean {
  return to.matched.every((record) => {
    const component: unknown = record.components?.default
    return !isPage(component) || component.isLoaded
  })
}

/** Loads the pages that are not there yet, one after the other. A failure is told when the page is really wanted. */
export async function loadAhead(routes: readonly RouteRecordRaw[]): Promise<void> {
  for (const { component } of routes) {
    if (isPage(component) && !component.isLoaded) await component().catch(() => undefined)
  }
}
