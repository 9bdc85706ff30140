import { DataLine, Film, HomeFilled, UploadFilled, VideoCameraFilled } from '@element-plus/icons-vue'
import type { Component } from 'vue'

/** Where the menus lead. Only what exists. */
export const DESTINATIONS: { to: string; label: string; icon: Component }[] = [
  { to: '/', label: 'nav.home', icon: HomeFilled },
  { to: '/lives', label: 'nav.lives', icon: VideoCameraFilled },
  { to: '/videos', label: 'nav.videos', icon: Film },
  { to: '/videos/upload', label: 'nav.upload', icon: UploadFilled },
  { to: '/dashboard', label: 'nav.studio', icon: DataLine },
]
