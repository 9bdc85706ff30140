/** The part of a video that its processing changes. */
export interface Processing {
  status: string
  progress: number
  is_playable: boolean
  reason: string | null
  qualities: readonly RenditionProgress[]
}

export interface RenditionProgress {
  label: string
  progress: number
  status: string
}

export interface ProcessingEvent {
  video_id: string
  status: string
  progress: number
  is_playable: boolean
  visibility?: string
  poster?: string
  qualities: readonly RenditionProgress[]
  reason?: string | null
}

const ORDER = ['uploading', 'queued', 'probing', 'transcoding', 'ready'] as const
const RENDITION_ORDER = ['pending', 'working', 'ready', 'failed']

function rank(status: string): number {
  if (status === 'failed') return ORDER.length
  return ORDER.findIndex((name) => name === status)
}

/** True when an event tells of a time before what is shown, as after a retry elsewhere: only asking again can tell. */
export function goesBack(current: Processing, event: ProcessingEvent): boolean {
  return rank(event.status) < rank(current.status)
}

/** True when its picture or its audience is another one now: events do not carry addresses, only asking again gives them. */
export function looksOtherwise(shown: { visibility: string; poster_url: string | null }, event: ProcessingEvent): boolean {
  if (event.visibility !== undefined && event.visibility !== shown.visibility) return true
  return event.poster !== undefined && !shown.poster_url?.endsWith(`/${event.poster}`)
}

/** Forward only: events may come twice or late, and nothing shown ever shrinks. */
export function mergeProgress(current: Processing, event: ProcessingEvent): Processing {
  if (rank(event.status) < 0 || goesBack(current, event)) return current
  const isSameStep = event.status === current.status
  return {
    status: event.status,
    progress: isSameStep ? Math.max(current.progress, event.progress) : event.progress,
    is_playable: current.is_playable || event.is_playable,
    reason: event.status === 'failed' ? (event.reason ?? current.reason) : null,
    qualities: mergeRenditions(current.qualities, event.qualities),
  }
}

function mergeRenditions(
  current: readonly RenditionProgress[],
  incoming: readonly RenditionProgress[],
): RenditionProgress[] {
  const known = new Map(current.map((rendition) => [rendition.label, rendition]))
  if (incoming.length === 0) return [...current]
  return incoming.map((next) => {
    const before = known.get(next.label)
    if (!before) return next
    const isBack = RENDITION_ORDER.indexOf(next.status) < RENDITION_ORDER.indexOf(before.status)
    return {
      label: next.label,
      status: isBack ? before.status : next.status,
      progress: Math.max(before.progress, next.progress),
    }
  })
}

export type StepState = 'todo' | 'doing' | 'done' | 'failed'

export interface Step {
  key: 'uploaded' | 'checked' | 'playable' | 'rendition'
  /** Name of the quality, for steps of kind `rendition`. */
  label: string
  state: StepState
  percent: number | null
}

/** The ticks of the upload page: uploaded → checked → playable → each quality. `isHeld`: no bytes travel at the moment. */
export function stepsOf(video: Processing, uploadPercent: number | null, isHeld = false): Step[] {
  const place = rank(video.status)
  const isFailed = video.status === 'failed'
  const isUploaded = isFailed ? uploadPercent === null : place > 0
  const isChecked = isFailed ? video.qualities.length > 0 : place > 2
  const steps: Step[] = [
    step('uploaded', '', isUploaded ? 'done' : isFailed ? 'failed' : isHeld ? 'todo' : 'doing', isUploaded ? null : uploadPercent),
    step('checked', '', isChecked ? 'done' : isUploaded ? (isFailed ? 'failed' : 'doing') : 'todo', null),
    step('playable', '', playable(video, isChecked, isFailed), null),
  ]
  for (const rendition of video.qualities) {
    steps.push(step('rendition', rendition.label, renditionState(rendition, isFailed), rendition.progress))
  }
  markNext(steps, video.status === 'transcoding')
  return steps
}

function step(key: Step['key'], label: string, state: StepState, percent: number | null): Step {
  return { key, label, state, percent: state === 'doing' && percent !== null ? Math.round(percent) : null }
}

function playable(video: Processing, isChecked: boolean, isFailed: boolean): StepState {
  if (video.is_playable) return 'done'
  if (!isChecked) return 'todo'
  return isFailed ? 'failed' : 'doing'
}

function renditionState(rendition: RenditionProgress, isFailed: boolean): StepState {
  if (rendition.status === 'ready') return 'done'
  if (rendition.status === 'failed' || isFailed) return 'failed'
  return rendition.status === 'working' ? 'doing' : 'todo'
}

/** While the transcoder has not begun, its first quality is what everybody waits for: not every step stands still. */
function markNext(steps: Step[], isTranscoding: boolean): void {
  if (!isTranscoding || steps.some((step) => step.key === 'rendition' && step.state === 'doing')) return
  const next = steps.find((step) => step.key === 'rendition' && step.state === 'todo')
  if (next) Object.assign(next, { state: 'doing', percent: 0 })
}
