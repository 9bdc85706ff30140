/** A chat message as the pages show it: what history and events say, in one shape. */
export type Badge = 'owner' | 'moderator'

export interface Author {
  id: number
  name: string
  display: string
  badges?: Badge[]
}

export interface Quote {
  seq: number
  name: string
  text: string
}

export interface Message {
  /** The number of its event in the channel. */
  seq: number
  at: string
  by: Author
  text: string
  reply?: Quote | null
  edited: boolean
  deleted: 'author' | 'moderator' | null
}

export interface Rules {
  is_open: boolean
  slow_seconds: number
  followers_only: boolean
  verified_only: boolean
  unique_only: boolean
  link_rule: 'allow' | 'hold' | 'block'
}

export interface Restriction {
  kind: 'ban' | 'timeout'
  until: string | null
  reason: string
}
