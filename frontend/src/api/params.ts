/** Leaves out what is empty: the service refuses an empty cursor. */
export function params(query: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ''))
}
