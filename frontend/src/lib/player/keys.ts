export type PlayerAction =
  | { do: 'toggle' }
  | { do: 'seekBy'; seconds: number }
  | { do: 'seekToPart'; tenths: number }
  | { do: 'seekToEnd' }
  | { do: 'volumeBy'; step: number }
  | { do: 'mute' }
  | { do: 'captions' }
  | { do: 'fullscreen' }
  | { do: 'theatre' }
  | { do: 'pip' }
  | { do: 'faster' }
  | { do: 'slower' }
  | { do: 'help' }

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** The focused element wants the space, Enter or arrow keys for itself. */
  isButton: boolean
  isSlider: boolean
  isTyping: boolean
}

const BY_KEY: Record<string, PlayerAction> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  j: { do: 'seekBy', seconds: -10 },
  l: { do: 'seekBy', seconds: 10 },
  arrowleft: { do: 'seekBy', seconds: -5 },
  arrowright: { do: 'seekBy', seconds: 5 },
  arrowup: { do: 'volumeBy', step: 0.05 },
  arrowdown: { do: 'volumeBy', step: -0.05 },
  home: { do: 'seekToPart', tenths: 0 },
  end: { do: 'seekToEnd' },
  m: { do: 'mute' },
  c: { do: 'captions' },
  f: { do: 'fullscreen' },
  t: { do: 'theatre' },
  i: { do: 'pip' },
  '<': { do: 'slower' },
  '>': { do: 'faster' },
  '?': { do: 'help' },
}

const NEEDED_BY_SLIDER = ['arrowleft', 'arrowright', 'arrowup', 'arrowdown', 'home', 'end']

/** What a key does, or null when it is not ours. A shortcut of the browser or a field being typed in always wins. */
export function actionFor(press: KeyPress): PlayerAction | null {
  if (press.isTyping || press.ctrlKey || press.metaKey || press.altKey) return null
  const key = press.key.toLowerCase()
  if (press.isButton && key === ' ') return null
  if (press.isSlider && NEEDED_BY_SLIDER.includes(key)) return null
  if (/^[0-9]$/.test(key)) return { do: 'seekToPart', tenths: Number(key) }
  return BY_KEY[key] ?? null
}

/** The rows of the help dialog: keys as printed, and the name of the text that says what they do. */
export const SHORTCUTS: readonly { keys: readonly string[]; text: string }[] = [
  { keys: ['Space', 'K'], text: 'toggle' },
  { keys: ['J', 'L'], text: 'seekTen' },
  { keys: ['←', '→'], text: 'seekFive' },
  { keys: ['0–9'], text: 'seekPart' },
  { keys: ['↑', '↓'], text: 'volume' },
  { keys: ['M'], text: 'mute' },
  { keys: ['<', '>'], text: 'speed' },
  { keys: ['C'], text: 'captions' },
  { keys: ['F'], text: 'fullscreen' },
  { keys: ['T'], text: 'theatre' },
  { keys: ['I'], text: 'pip' },
  { keys: ['?'], text: 'help' },
]

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const

export function nextSpeed(rate: number, direction: 1 | -1): number {
  const faster = SPEEDS.find((speed) => speed > rate + 0.001)
  const slower = [...SPEEDS].reverse().find((speed) => speed < rate - 0.001)
  return (direction === 1 ? faster : slower) ?? rate
}
