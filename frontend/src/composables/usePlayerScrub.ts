import { computed, onBeforeUnmount, ref, type ShallowRef } from 'vue'
import { isComposing } from '@/lib/composing'
import type { Player } from './usePlayer'

const PICTURE_WIDTH = 168

/** The scrub bar: where the pointer is, what it would show there, and the keys of a slider. */
export function usePlayerScrub(player: Player, bar: Readonly<ShallowRef<HTMLElement | null>>) {
  const { state, preview, idle } = player
  const hover = ref<number | null>(null)
  const isDragging = ref(false)
  const left = ref(0)

  const thumbnail = computed(() => (hover.value === null ? null : preview.at(hover.value)))
  const picture = computed(() => {
    const found = thumbnail.value
    if (!found) return null
    const scale = Math.min(PICTURE_WIDTH / found.width, 110 / found.height)
    return {
      width: `${found.width}px`,
      height: `${found.height}px`,
      backgroundImage: `url("${found.url}")`,
      backgroundPosition: `-${found.x}px -${found.y}px`,
      zoom: String(scale),
    }
  })
  const shownTime = computed(() => (isDragging.value && hover.value !== null ? hover.value : state.time))

  function point(event: PointerEvent): void {
    const box = bar.value?.getBoundingClientRect()
    if (!box || state.duration === 0) return
    preview.want()
    const x = Math.min(Math.max(0, event.clientX - box.left), box.width)
    hover.value = (x / box.width) * state.duration
    const half = PICTURE_WIDTH / 2 + 4
    left.value = box.width > half * 2 ? Math.min(Math.max(half, x), box.width - half) : box.width / 2
  }
  function press(event: PointerEvent): void {
    if (event.button !== 0) return
    bar.value?.setPointerCapture(event.pointerId)
    isDragging.value = true
    idle.hold()
    point(event)
  }
  function drag(event: PointerEvent): void {
    if (isDragging.value || event.pointerType !== 'touch') point(event)
  }
  function drop(): void {
    if (!isDragging.value) return
    if (hover.value !== null) player.seek(hover.value)
    end()
  }
  function leave(event: PointerEvent): void {
    if (isDragging.value && event.type === 'pointerleave') return
    if (isDragging.value) end()
    hover.value = null
  }
  function end(): void {
    isDragging.value = false
    hover.value = null
    idle.release()
  }
  function key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key]
    const place = { Home: 0, End: state.duration }[event.key]
    if ((step === undefined && place === undefined) || isComposing(event)) return
    event.preventDefault()
    player.seek(place ?? state.time + (step ?? 0))
    idle.wake()
  }
  onBeforeUnmount(() => isDragging.value && idle.release())
  return { hover, isDragging, picture, shownTime, left, point, press, drag, drop, leave, key }
}
