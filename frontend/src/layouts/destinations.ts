import { DataLine, Film, HomeFilled, StarFilled, UploadFilled, VideoCameraFilled } from '@element-plus/icons-vue'
import type { Component } from 'vue'

/** Where the menus lead. Only what exists. `isOwn`: for who is signed in; phones have it in the account menu, five tabs are enough. */
export const DESTINATIONS: { to: string; label: string; icon: Component; isOwn?: boolean }[] = [
  { to: '/', label: 'nav.home', icon: HomeFilled },
  { to: '/lives', label: 'nav.lives', icon: VideoCameraFilled },
  { to: '/videos', label: 'nav.videos', icon: Film },
  { to: '/following', label: 'nav.following', icon: StarFilled, isOwn: true },
  { to: '/videos/upload', label: 'nav.upload', icon: UploadFilled },
  { to: '/dashboard', label: 'nav.studio', icon: DataLine },
]
