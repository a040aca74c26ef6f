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

/** Changes after which sessions that were begun before should not go on unseen (ASVS 7.4.3). */
const changesWays: readonly Done[] = [
  'removed',
  'password-removed',
  'totp',
  'totp-removed',
  'codes',
  'passkey',
  'passkey-removed',
]

export const offersToEndOthers = (done: Done): boolean => changesWays.includes(done)

export const isDone = (name: unknown): name is Done => dones.some((one) => one === name)
