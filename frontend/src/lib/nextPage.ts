/** Where to go after signing in: a path of our own, never another site (`//evil`, `/\evil`, `javascript:`). */
export function safeNext(value: unknown, fallback = '/'): string {
  if (typeof value !== 'string' || !value.startsWith('/') || /^\/[/\\]/.test(value)) return fallback
  // Browsers drop tabs and line ends from addresses, so that "/<tab>/evil" would become "//evil".
  if ([...value].some((letter) => letter.charCodeAt(0) < 32)) return fallback
  return value.startsWith('/login') ? fallback : value
}
