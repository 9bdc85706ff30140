import { computed, nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { listen } from '@/lib/listen'
import type { CaptionTrack, PlaybackSource } from '@/lib/player/playback'
import { usePlayerChoice } from '@/stores/playerChoice'

/** Captions are drawn by us, above the control bar; the browser only loads and times them. */
export function usePlayerCaptions(video: Ref<HTMLVideoElement | null>, playback: Ref<PlaybackSource | null>) {
  const choice = usePlayerChoice()
  const tracks = computed<readonly CaptionTrack[]>(() => playback.value?.captions ?? [])
  const active = computed(() => tracks.value.find((track) => track.lang === choice.captions) ?? null)
  const lines = ref<string[]>([])
  let off = () => {}

  function apply(): void {
    off()
    lines.value = []
    for (const track of video.value?.textTracks ?? []) {
      const isActive = active.value !== null && track.language === active.value.lang
      track.mode = isActive ? 'hidden' : 'disabled'
      if (isActive) off = listen(track, { cuechange: () => (lines.value = linesOf(track)) })
    }
  }
  watch([active, tracks, video], () => void nextTick(apply), { immediate: true })

  function toggle(): boolean {
    const fallback = tracks.value.find((track) => track.lang === last) ?? tracks.value[0]
    choose(active.value ? '' : (fallback?.lang ?? ''))
    return active.value !== null
  }
  let last = choice.captions
  function choose(lang: string): void {
    if (lang) last = lang
    choice.captions = lang
  }

  onBeforeUnmount(() => off())
  return { tracks, active, lines, toggle, choose }
}

function linesOf(track: TextTrack): string[] {
  return [...(track.activeCues ?? [])].flatMap((cue) =>
    cue instanceof VTTCue ? (cue.getCueAsHTML().textContent ?? '').split('\n') : [],
  )
}
