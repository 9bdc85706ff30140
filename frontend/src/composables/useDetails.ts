import { onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import { toApiError } from '@/api/problem'
import type { Video, VideoPatch } from '@/api/types'
import { updateVideo } from '@/api/videos'
import type { FieldProblem } from '@/lib/fieldProblem'
import { useDebounce } from './useDebounce'

export type SaveState = 'clean' | 'waiting' | 'saving' | 'saved' | 'failed'
type Details = Required<Omit<VideoPatch, 'publish_at'>>

const QUIET_MS = 800

/** The details of a video, saved by themselves a moment after the last key. What was typed is never lost. */
export function useDetails(video: () => Video, onSaved: (video: Video) => void) {
  const values = reactive<Details>(detailsOf(video()))
  const state = ref<SaveState>('clean')
  const failure = shallowRef<unknown>(null)
  const fields = ref<Record<string, FieldProblem>>({})
  let stored = detailsOf(video())
  let isSaving = false

  async function save(): Promise<void> {
    const changed = changes(stored, values)
    if (isSaving || !changed) return
    if (changed.title !== undefined && changed.title.trim() === '') return void (state.value = 'waiting')
    isSaving = true
    state.value = 'saving'
    fields.value = {}
    failure.value = null
    try {
      const next = await updateVideo(video().id, changed)
      stored = { ...stored, ...changed }
      onSaved(next)
      // Typed during the saving: not safe yet.
      state.value = changes(stored, values) ? 'waiting' : 'saved'
    } catch (cause) {
      const problem = toApiError(cause)
      fields.value = problem.problems
      failure.value = problem
      state.value = 'failed'
    } finally {
      isSaving = false
    }
    if (state.value === 'waiting') later.later()
  }
  const later = useDebounce(() => void save(), QUIET_MS)

  watch(values, () => {
    if (!changes(stored, values)) return
    state.value = 'waiting'
    later.later()
  })
  // Changed elsewhere: shown unless something is being typed here.
  watch(video, (next) => {
    if (changes(stored, values)) return
    stored = detailsOf(next)
    Object.assign(values, detailsOf(next))
  })
  const online = () => state.value === 'failed' && void save()
  window.addEventListener('online', online)
  onScopeDispose(() => {
    window.removeEventListener('online', online)
    if (state.value === 'waiting') void save()
  })
  return { values, state, failure, fields, save: () => later.now() }
}

function detailsOf({ title, description, tags, visibility }: Video): Details {
  return { title, description, tags: [...tags], visibility }
}

/** Only what differs, or null. */
function changes(before: Details, now: Details): VideoPatch | null {
  const patch: VideoPatch = {}
  if (now.title !== before.title) patch.title = now.title
  if (now.description !== before.description) patch.description = now.description
  if (now.tags.join('\n') !== before.tags.join('\n')) patch.tags = [...now.tags]
  if (now.visibility !== before.visibility) patch.visibility = now.visibility
  return Object.keys(patch).length > 0 ? patch : null
}
