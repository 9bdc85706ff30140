import { onBeforeUnmount, onMounted, ref } from 'vue'
import { listen } from '@/lib/listen'
import { handlesOf } from '@/lib/upload/handles'

/** Files may be dropped anywhere on the page. */
export function useFileDrop(take: (files: File[], handles: FileSystemFileHandle[]) => void) {
  const isOver = ref(false)
  let depth = 0
  const hasFiles = (event: Event): event is DragEvent =>
    event instanceof DragEvent && (event.dataTransfer?.types.includes('Files') ?? false)

  function enter(event: Event): void {
    if (!hasFiles(event)) return
    depth++
    isOver.value = true
  }
  function leave(event: Event): void {
    if (!hasFiles(event)) return
    depth = Math.max(0, depth - 1)
    isOver.value = depth > 0
  }
  function over(event: Event): void {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  }
  async function drop(event: Event): Promise<void> {
    if (!hasFiles(event)) return
    event.preventDefault()
    depth = 0
    isOver.value = false
    const files = [...(event.dataTransfer?.files ?? [])]
    // The list of items is empty as soon as the event has been handled.
    const handles = handlesOf([...(event.dataTransfer?.items ?? [])])
    if (files.length > 0) take(files, await handles)
  }

  let off = () => {}
  onMounted(() => {
    off = listen(window, { dragenter: enter, dragleave: leave, dragover: over, drop: (event) => void drop(event) })
  })
  onBeforeUnmount(() => off())
  return { isOver }
}
