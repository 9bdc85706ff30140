export const PASSWORD_MIN = 10
export const PASSWORD_MAX = 128

export type Strength = 'short' | 'weak' | 'fair' | 'strong'

/** A hint, not a rule: length counts most, then variety; what is well known or built on the name counts nothing. */
export function passwordStrength(password: string, own: readonly string[] = []): Strength {
  if (password.length < PASSWORD_MIN) return 'short'
  const lower = password.toLowerCase()
  const isNamed = own.some((word) => word.length >= 3 && lower.includes(word.toLowerCase()))
  const isCommon = /password|qwerty|123456|letmein|iloveyou|abc123|admin|welcome/.test(lower)
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length
  const variety = new Set(lower).size
  if (isNamed || isCommon || variety < 6) return 'weak'
  const points = Math.min(password.length, 24) + kinds * 2 + Math.min(variety, 12) / 2
  if (points >= 26) return 'strong'
  return points >= 19 ? 'fair' : 'weak'
}
