import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useNavigation } from './navigation'

beforeEach(() => setActivePinia(createPinia()))

describe('useNavigation', () => {
  it('tells a step back from a link to the same page', () => {
    const navigation = useNavigation()
    navigation.pop('/lives')
    navigation.arrive('/lives')
    navigation.settle('/lives')
    expect(navigation.isBack).toBe(true)
    navigation.arrive('/lives')
    expect(navigation.isBack).toBe(false)
  })

  it('forgets a step back that was refused', () => {
    const navigation = useNavigation()
    navigation.pop('/lives')
    navigation.settle('/lives')
    navigation.arrive('/lives')
    expect(navigation.isBack).toBe(false)
  })

  it('takes a page led to elsewhere for no step back', () => {
    const navigation = useNavigation()
    navigation.pop('/dashboard')
    navigation.arrive('/login?next=/dashboard')
    expect(navigation.isBack).toBe(false)
  })
})
