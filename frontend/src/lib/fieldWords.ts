/** The service's sentences about a field, and the key of ours; a sentence without a key is shown as it is. */
const KEYS: Record<string, string> = {
  '3 to 30 letters, digits or underscores': 'username',
  'cannot be chosen': 'reserved',
  'is taken': 'taken',
  'is not an e-mail address': 'email',
  'is one of the first that attackers try; choose another': 'common',
  'is too close to your name or e-mail address': 'close',
  'is not your password': 'wrongPassword',
}

export function fieldKey(sentence: string): string | null {
  const key = KEYS[sentence.replace(/\.$/, '')]
  return key ? `account.check.${key}` : null
}
