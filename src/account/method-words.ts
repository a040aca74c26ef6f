import type { Translate } from '#src/lib/page.ts'

const known = [
  'sms-code',
  'sms-link',
  'email-code',
  'email-link',
  'password',
  'totp',
  'backup-code',
  'backup-codes',
  'passkey',
]

/** What a way to sign in is called; its name where there are no words. */
export const methodWords = (t: Translate, method: string): string =>
  known.includes(method) ? t(`account-activity.method-${method}`) : method
