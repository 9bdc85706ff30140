import { describe, expect, it } from 'vitest'
import en from '@/locales/en'
import { routes } from './routes'

describe('routes', () => {
  it('have a title in words', () => {
    for (const route of routes) expect(Object.keys(en.titles)).toContain(route.meta?.title)
  })

  it('send guests away from what needs an account', () => {
    const closed = routes.filter((route) => route.meta?.needsAccount).map((route) => route.path)
    expect(closed).toEqual(['/dashboard', '/profile', '/following', '/videos/upload', '/lives/create', '/lives/:id/stream'])
  })
})
