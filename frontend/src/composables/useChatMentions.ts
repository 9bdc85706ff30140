import { computed, ref } from 'vue'
import { askedMention, completeMention, matchingNames, type Known } from '@/lib/chat/mention'
import type { Room } from '@/lib/chat/room'

/** The list of names that opens while one is typed after an @. */
export function useChatMentions(room: () => Room, myName: () => string | null) {
  const caret = ref(0)
  const text = ref('')
  const isClosed = ref(false)
  const chosen = ref(0)
  const asked = computed(() => (isClosed.value ? null : askedMention(text.value, caret.value)))
  const names = computed(() => (asked.value ? matchingNames(asked.value.query, recent()) : []))

  /** Who wrote last comes first. */
  function* recent(): Iterable<Known> {
    const { messages } = room()
    for (let index = messages.length - 1; index >= 0; index--) {
      const by = messages[index]?.by
      if (by && by.name !== myName()) yield by
    }
  }

  /** After each letter and each move of the caret. */
  function look(now: string, at: number): void {
    if (now !== text.value) isClosed.value = false
    if (now !== text.value || at !== caret.value) chosen.value = 0
    text.value = now
    caret.value = at
  }

  function move(step: number): void {
    const { length } = names.value
    chosen.value = (chosen.value + step + length) % length
  }

  /** The text with that name in it, and where the caret goes. */
  function complete(index = chosen.value) {
    const one = names.value[index]
    return asked.value && one ? completeMention(text.value, caret.value, asked.value, one.name) : null
  }

  return { names, chosen, look, move, complete, close: () => (isClosed.value = true) }
}
