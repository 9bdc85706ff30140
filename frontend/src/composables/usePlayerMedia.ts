import { onBeforeUnmount, reactive, watch, type Ref } from 'vue'
import { listen } from '@/lib/listen'
import { usePlayerChoice } from '@/stores/playerChoice'

export interface MediaState {
  isPaused: boolean
  isEnded: boolean
  isWaiting: boolean
  isSeeking: boolean
  /** A picture of the video itself has been seen. */
  hasStarted: boolean
  time: number
  duration: number
  /** End of the buffered stretch that holds the current time. */
  bufferedEnd: number
  aspect: number
}

const FRAME_MS = 60

/** Mirrors the media element into reactive state and gives the commands of the control bar. */
export function usePlayerMedia(video: Ref<HTMLVideoElement | null>) {
  const choice = usePlayerChoice()
  const state = reactive<MediaState>({
    isPaused: true,
    isEnded: false,
    isWaiting: false,
    isSeeking: false,
    hasStarted: false,
    time: 0,
    duration: 0,
    bufferedEnd: 0,
    aspect: 16 / 9,
  })
  let stop = () => {}
  let frame = 0
  let drawnAt = 0

  watch(video, (element) => {
    stop()
    if (element) stop = mirror(element)
  })
  onBeforeUnmount(() => {
    stop()
    cancelAnimationFrame(frame)
  })

  function mirror(element: HTMLVideoElement): () => void {
    applyChoice(element)
    const read = () => {
      state.isPaused = element.paused
      state.isEnded = element.ended
      state.isSeeking = element.seeking
      state.time = element.currentTime
      state.duration = Number.isFinite(element.duration) ? element.duration : 0
      state.bufferedEnd = bufferedEnd(element)
    }
    const waiting = () => (state.isWaiting = true)
    const moving = () => {
      state.isWaiting = false
      read()
    }
    // Time updates come four times a second, which a bar that moves would show as jerks.
    const follow = (now: number) => {
      frame = element.paused || element.ended ? 0 : requestAnimationFrame(follow)
      if (now - drawnAt < FRAME_MS || element.seeking) return
      drawnAt = now
      state.time = element.currentTime
    }
    const size = () => {
      if (element.videoWidth && element.videoHeight) state.aspect = element.videoWidth / element.videoHeight
      read()
    }
    return listen(element, {
      play: read,
      pause: read,
      ended: read,
      seeking: read,
      seeked: moving,
      timeupdate: read,
      progress: read,
      durationchange: read,
      loadedmetadata: size,
      resize: size,
      waiting,
      canplay: moving,
      playing: () => {
        state.hasStarted = true
        moving()
        if (frame === 0) frame = requestAnimationFrame(follow)
      },
      ratechange: () => (choice.rate = element.playbackRate),
    })
  }

  function applyChoice(element: HTMLVideoElement): void {
    element.volume = choice.volume
    element.muted = choice.isMuted
    // Loading a source resets the rate to the default one.
    element.defaultPlaybackRate = choice.rate
    element.playbackRate = choice.rate
  }
  watch(
    () => [choice.volume, choice.isMuted, choice.rate],
    () => {
      if (video.value) applyChoice(video.value)
    },
  )

  function play(): Promise<boolean> {
    const started = video.value?.play()
    return started ? started.then(() => true, () => false) : Promise.resolve(false)
  }
  function toggle(): void {
    const element = video.value
    if (!element) return
    if (element.paused) void play()
    else element.pause()
  }
  function seek(seconds: number): void {
    const element = video.value
    if (!element) return
    element.currentTime = Math.min(Math.max(0, seconds), state.duration || seconds)
    state.time = element.currentTime
  }
  function setVolume(value: number): void {
    choice.volume = Math.round(Math.min(1, Math.max(0, value)) * 100) / 100
    choice.isMuted = choice.volume === 0
  }
  function toggleMute(): void {
    choice.isMuted = !choice.isMuted
    if (!choice.isMuted && choice.volume === 0) choice.volume = 0.5
  }
  return { state, play, toggle, seek, setVolume, toggleMute }
}

function bufferedEnd(element: HTMLVideoElement): number {
  const { buffered, currentTime } = element
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.5 && buffered.end(i) >= currentTime) return buffered.end(i)
  }
  return currentTime
}
