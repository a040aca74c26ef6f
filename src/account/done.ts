/** What a page says has just been done, with words `account.done-<name>`. */
export const dones = [
  'profile',
  'added',
  'removed',
  'preferred',
  'username',
  'password',
  'password-removed',
  'totp',
  'totp-removed',
  'codes',
  'passkey',
  'passkey-renamed',
  'passkey-removed',
  'session-ended',
  'others-ended',
  'distrusted',
  'disconnected',
  'sent',
] as const

export type Done = (typeof dones)[number]

export const isDone = (name: unknown): name is Done => dones.some((one) => one === name)
