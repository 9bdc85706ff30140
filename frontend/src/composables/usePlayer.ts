import { computed, inject, provide, ref, watch, type InjectionKey, type Ref } from 'vue'
import { nextSpeed, type PlayerAction } from '@/lib/player/keys'
import type { PlayerIconName } from '@/lib/player/icons'
import type { PlaybackSource } from '@/lib/player/playback'
import { qualityChoices } from '@/lib/player/qualities'
import { usePlayerChoice } from '@/stores/playerChoice'
import { usePlayerCaptions } from './usePlayerCaptions'
import { usePlayerIdle } from './usePlayerIdle'
import { usePlayerKeys } from './usePlayerKeys'
import { usePlayerMedia } from './usePlayerMedia'
import { usePlayerPreview } from './usePlayerPreview'
import { usePlayerScreen } from './usePlayerScreen'
import { usePlayerSource } from './usePlayerSource'
import { usePlayerStall } from './usePlayerStall'
import { usePlayerTouch } from './usePlayerTouch'
import { usePlayerWatch, type WatchListener } from './usePlayerWatch'

export interface PlayerInput extends WatchListener {
  ask(): Promise<PlaybackSource>
  readText(url: string): Promise<string>
}

/** A sign in the middle of the picture that answers a key. */
export interface Flash {
  icon: PlayerIconName
  text: string
  id: number
}

/** Everything the player can do and knows; its parts share it by injection. */
export function usePlayer(root: Ref<HTMLElement | null>, video: Ref<HTMLVideoElement | null>, input: PlayerInput) {
  const choice = usePlayerChoice()
  const media = usePlayerMedia(video)
  const source = usePlayerSource(video, input.ask)
  const stall = usePlayerStall(media.state, source.stumbles)
  const screen = usePlayerScreen(root, video)
  const captions = usePlayerCaptions(video, source.playback)
  const preview = usePlayerPreview(source.playback, input.readText)
  const idle = usePlayerIdle(media.state)
  const isHelpOpen = ref(false)
  /** Something else asks in the middle of the picture. */
  const isCovered = ref(false)
  const flash = ref<Flash | null>(null)

  const qualities = computed(() => qualityChoices(source.levels.value))
  const autoLabel = computed(
    () => qualities.value.find((level) => level.index === source.playing.value)?.label ?? '',
  )

  function show(icon: PlayerIconName, text = ''): void {
    flash.value = { icon, text, id: (flash.value?.id ?? 0) + 1 }
    idle.wake()
  }
  function seekBy(seconds: number): void {
    media.seek(media.state.time + seconds)
  }
  function chooseQuality(index: number): void {
    choice.quality = qualities.value.find((level) => level.index === index)?.label ?? 'auto'
    source.choose(index)
  }
  function changeRate(direction: 1 | -1): void {
    choice.rate = nextSpeed(choice.rate, direction)
    show('speed', `${choice.rate}×`)
  }

  const touch = usePlayerTouch({ seekBy, toggleControls: () => (idle.isShown.value ? idle.sleep() : idle.wake()) })

  const deeds: { [K in PlayerAction['do']]: (action: Extract<PlayerAction, { do: K }>) => void } = {
    toggle: () => {
      show(media.state.isPaused ? 'play' : 'pause')
      media.toggle()
    },
    seekBy: ({ seconds }) => {
      seekBy(seconds)
      show(seconds > 0 ? 'forward' : 'back', `${Math.abs(seconds)} s`)
    },
    seekToPart: ({ tenths }) => {
      media.seek((media.state.duration * tenths) / 10)
      idle.wake()
    },
    seekToEnd: () => media.seek(media.state.duration),
    volumeBy: ({ step }) => {
      media.setVolume((choice.isMuted ? 0 : choice.volume) + step)
      show(choice.isMuted ? 'muted' : 'volume', `${Math.round(choice.volume * 100)} %`)
    },
    mute: () => {
      media.toggleMute()
      show(choice.isMuted ? 'muted' : 'volume')
    },
    captions: () => {
      if (captions.tracks.value.length === 0) return
      captions.toggle()
      show('captions', captions.active.value?.label ?? '–')
    },
    fullscreen: () => screen.toggleFullscreen(),
    theatre: () => screen.toggleTheatre(),
    pip: () => screen.togglePip(),
    faster: () => changeRate(1),
    slower: () => changeRate(-1),
    help: () => (isHelpOpen.value = !isHelpOpen.value),
  }
  function act<K extends PlayerAction['do']>(action: Extract<PlayerAction, { do: K }>): void {
    deeds[action.do as K](action)
  }

  usePlayerKeys(act as (action: PlayerAction) => void, (target) => root.value?.contains(target) ?? false)
  usePlayerWatch(media.state, input)
  watch(screen.isFullscreen, idle.wake)
  watch(isHelpOpen, (isOpen) => (isOpen ? idle.hold() : idle.release()))

  return {
    choice,
    ...media,
    source,
    stall,
    screen,
    captions,
    preview,
    idle,
    touch,
    qualities,
    autoLabel,
    flash,
    isHelpOpen,
    isCovered,
    seekBy,
    chooseQuality,
  }
}

export type Player = ReturnType<typeof usePlayer>

const PLAYER: InjectionKey<Player> = Symbol('player')

export function providePlayer(player: Player): void {
  provide(PLAYER, player)
}

export function usePlayerContext(): Player {
  const player = inject(PLAYER)
  if (!player) throw new Error('a part of the player stands outside of it')
  return player
}
