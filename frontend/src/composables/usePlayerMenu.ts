import { computed, nextTick, onBeforeUnmount, onMounted, ref, type ShallowRef } from 'vue'
import { isComposing } from '@/lib/composing'
import { listen } from '@/lib/listen'
import { SPEEDS } from '@/lib/player/keys'
import type { PlayerIconName } from '@/lib/player/icons'
import type { Player } from './usePlayer'

export type MenuPage = 'main' | 'quality' | 'speed' | 'captions'

interface Entry {
  key: string
  icon: PlayerIconName
  text: string
  value: string
  hasPage: boolean
  go(): void
}

type ElementRef = Readonly<ShallowRef<HTMLElement | null>>

interface Row {
  key: string
  text: string
  hint: string
  isChosen: boolean
  choose(): void
}

/** The settings menu: quality, speed, captions, and the way to the list of shortcuts. */
export function usePlayerMenu(
  player: Player,
  t: (key: string, named?: Record<string, unknown>) => string,
  { root, button, panel }: Record<'root' | 'button' | 'panel', ElementRef>,
) {
  const { source, captions, choice, qualities, autoLabel, idle } = player
  const page = ref<MenuPage | null>(null)

  const qualityName = computed(() => {
    const chosen = qualities.value.find((level) => level.index === source.selected.value)
    if (chosen) return chosen.label
    return autoLabel.value ? t('player.autoWith', { label: autoLabel.value }) : t('player.auto')
  })
  const speedName = (speed: number) => (speed === 1 ? t('player.normal') : `${speed}×`)

  const pages = computed<Entry[]>(() => [
    entry('quality', 'settings', qualityName.value),
    entry('speed', 'speed', speedName(choice.rate)),
    ...(captions.tracks.value.length > 0
      ? [entry('captions', 'captions', captions.active.value?.label ?? t('player.off'))]
      : []),
    {
      key: 'autoplay',
      icon: 'autoplay' as const,
      text: t('player.autoplay'),
      value: t(choice.isAutoplay ? 'player.on' : 'player.off'),
      hasPage: false,
      go: () => {
        choice.isAutoplay = !choice.isAutoplay
      },
    },
    {
      key: 'help',
      icon: 'keyboard' as const,
      text: t('player.shortcuts'),
      value: '?',
      hasPage: false,
      go: () => {
        close()
        player.isHelpOpen.value = true
      },
    },
  ])
  function entry(key: Exclude<MenuPage, 'main'>, icon: PlayerIconName, value: string): Entry {
    return { key, icon, text: t(`player.${key}`), value, hasPage: true, go: () => open(key) }
  }

  const rows = computed<Row[]>(() => {
    if (page.value === 'quality') return qualityRows()
    if (page.value === 'speed')
      return SPEEDS.map((speed) =>
        row(String(speed), speedName(speed), choice.rate === speed, () => (choice.rate = speed)),
      )
    if (page.value !== 'captions') return []
    const off = row('off', t('player.off'), captions.active.value === null, () => captions.choose(''))
    return [
      off,
      ...captions.tracks.value.map(({ lang, label }) =>
        row(lang, label, captions.active.value?.lang === lang, () => captions.choose(lang)),
      ),
    ]
  })
  function qualityRows(): Row[] {
    const auto = row('auto', t('player.auto'), source.selected.value === -1, () => player.chooseQuality(-1))
    auto.hint = autoLabel.value
    return [
      auto,
      ...qualities.value.map((level) =>
        row(String(level.index), level.label, source.selected.value === level.index, () =>
          player.chooseQuality(level.index),
        ),
      ),
    ]
  }
  function row(key: string, text: string, isChosen: boolean, act: () => void): Row {
    return {
      key,
      text,
      hint: '',
      isChosen,
      choose: () => {
        act()
        close()
      },
    }
  }

  function open(next: MenuPage): void {
    if (page.value === null) idle.hold()
    page.value = next
    void nextTick(() => {
      const chosen = panel.value?.querySelector<HTMLElement>('[aria-checked="true"]')
      ;(chosen ?? items()[0])?.focus()
    })
  }
  function close(): void {
    if (page.value === null) return
    page.value = null
    idle.release()
    button.value?.focus()
  }
  function items(): HTMLElement[] {
    return [...(panel.value?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])]
  }
  function move(event: KeyboardEvent): void {
    if (isComposing(event)) return
    if (event.key === 'Escape') return stop(event, close)
    if (event.key === 'ArrowLeft' && page.value !== 'main') return stop(event, () => open('main'))
    const all = items()
    const at = all.findIndex((item) => item === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (next !== undefined) stop(event, () => all[next % all.length]?.focus())
  }
  function stop(event: KeyboardEvent, act: () => void): void {
    event.preventDefault()
    event.stopPropagation()
    act()
  }

  let off = () => {}
  onMounted(() => {
    off = listen(document, {
      pointerdown: (event) => {
        if (page.value !== null && event.target instanceof Node && !root.value?.contains(event.target)) {
          page.value = null
          idle.release()
        }
      },
    })
  })
  onBeforeUnmount(() => off())
  return { page, pages, rows, open, close, move }
}
