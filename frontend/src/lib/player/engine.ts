export type Engine = 'hls' | 'native' | 'progressive'

export interface Abilities {
  /** Media Source Extensions, so that hls.js can work. */
  hasMse: boolean
  /** The video element says it can play a playlist itself. */
  playsHls: boolean
  /** Its own HLS is the better one there: Safari. */
  isApple: boolean
}

/** hls.js gives the quality menu, so it goes first except in Safari, where the system's player does AirPlay and saves battery. */
export function pickEngine(hasHls: boolean, abilities: Abilities): Engine {
  if (!hasHls) return 'progressive'
  if (abilities.isApple && abilities.playsHls) return 'native'
  if (abilities.hasMse) return 'hls'
  return abilities.playsHls ? 'native' : 'progressive'
}

export function browserAbilities(): Abilities {
  const probe = document.createElement('video')
  return {
    hasMse: 'MediaSource' in window || 'ManagedMediaSource' in window,
    playsHls: probe.canPlayType('application/vnd.apple.mpegurl') !== '',
    isApple: navigator.vendor.startsWith('Apple'),
  }
}

/** The folder of a playlist with its token; what lies under it moves along when the token is renewed. */
export function folderOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? url
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** An address of the old playlist's folder, moved to the new one; others stay as they are. */
export function moveUrl(url: string, oldFolder: string, newFolder: string): string {
  return oldFolder !== newFolder && url.startsWith(oldFolder) ? newFolder + url.slice(oldFolder.length) : url
}
