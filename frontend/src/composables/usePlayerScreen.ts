import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import { listen } from '@/lib/listen'
import { usePlayerChoice } from '@/stores/playerChoice'

/** iPhones can only show the video element itself full screen. */
interface ApplePhoneVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void
}

/** Full screen, picture in picture and theatre. */
export function usePlayerScreen(root: Ref<HTMLElement | null>, video: Ref<HTMLVideoElement | null>) {
  const choice = usePlayerChoice()
  const isFullscreen = ref(false)
  const isPip = ref(false)
  const canPip = ref(false)
  let offs: (() => void)[] = []

  function toggleFullscreen(): void {
    if (document.fullscreenElement) return void document.exitFullscreen()
    const phone: ApplePhoneVideo | null = video.value
    if (root.value?.requestFullscreen) void root.value.requestFullscreen().catch(() => undefined)
    else phone?.webkitEnterFullscreen?.()
  }
  function togglePip(): void {
    if (document.pictureInPictureElement) return void document.exitPictureInPicture()
    if (canPip.value) void video.value?.requestPictureInPicture().catch(() => undefined)
  }
  function toggleTheatre(): void {
    choice.isTheatre = !choice.isTheatre
  }

  onMounted(() => {
    canPip.value = document.pictureInPictureEnabled === true
    offs = [
      listen(document, { fullscreenchange: () => (isFullscreen.value = document.fullscreenElement === root.value) }),
    ]
    if (video.value)
      offs.push(
        listen(video.value, {
          enterpictureinpicture: () => (isPip.value = true),
          leavepictureinpicture: () => (isPip.value = false),
        }),
      )
  })
  onBeforeUnmount(() => {
    for (const off of offs) off()
  })
  return { isFullscreen, isPip, canPip, toggleFullscreen, togglePip, toggleTheatre }
}
