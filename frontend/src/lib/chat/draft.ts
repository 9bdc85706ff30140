/** What is half written in a chat, for as long as the tab lives: each person's own, each live's own. */
const keyOf = (liveId: string, userId: number) => `trunkline.draft.${userId}.${liveId}`

export function recallDraft(liveId: string, userId: number): string {
  try {
    return sessionStorage.getItem(keyOf(liveId, userId)) ?? ''
  } catch {
    return ''
  }
}

export function keepDraft(liveId: string, userId: number, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(keyOf(liveId, userId))
    else sessionStorage.setItem(keyOf(liveId, userId), text)
  } catch {
    // Full or switched off: then it lives as long as the page.
  }
}
