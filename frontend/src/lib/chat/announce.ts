/** What is read out to people who hear the page: one or two messages in full, more as a number. */
export type Announcement = { kind: 'lines'; lines: { name: string; text: string }[] } | { kind: 'count'; count: number }

const IN_FULL = 2

export function announcementOf(lines: readonly { name: string; text: string }[]): Announcement | null {
  if (lines.length === 0) return null
  return lines.length <= IN_FULL ? { kind: 'lines', lines: [...lines] } : { kind: 'count', count: lines.length }
}
