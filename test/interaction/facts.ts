/** Facts that the tests of the policy begin from. */
import type { Facts, Proof, Step, Way } from '#src/interaction/policy.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { MethodId } from '#src/verification/contract.ts'

export const phone: Identifier = {
  type: 'phone',
  value: '+12015550123',
  display: '+1 201 555 0123',
}
export const email: Identifier = { type: 'email', value: 'a@example.com', display: 'a@example.com' }
export const username: Identifier = { type: 'username', value: 'anna', display: 'anna' }

export const ways = {
  'sms-code': { method: 'sms-code', kind: 'possession', channel: 'sms', identifier: phone },
  'sms-link': { method: 'sms-link', kind: 'possession', channel: 'sms', identifier: phone },
  'email-code': { method: 'email-code', kind: null, channel: 'email', identifier: email },
  'email-link': { method: 'email-link', kind: null, channel: 'email', identifier: email },
  password: { method: 'password', kind: 'knowledge', channel: null, identifier: null },
  totp: { method: 'totp', kind: 'possession', channel: null, identifier: null },
  'backup-code': { method: 'backup-code', kind: 'possession', channel: null, identifier: null },
  passkey: { method: 'passkey', kind: 'inherence', channel: null, identifier: null },
} as const satisfies Record<MethodId, Way>

export const all = (...methods: MethodId[]): Way[] => methods.map((method) => ways[method])
/** A passkey that has verified its owner proves two things. */
export const proven = (...methods: MethodId[]): Proof[] =>
  all(...methods).flatMap((way) =>
    way.method === 'passkey' ? [{ ...way, kind: 'possession' }, way] : [way],
  )

type User = NonNullable<Facts['user']>
export const user = (...methods: MethodId[]): User => ({
  blocked: false,
  hasPassword: methods.includes('password'),
  hasTotp: methods.includes('totp'),
  hasPasskey: methods.includes('passkey'),
  idleLong: false,
  ways: all(...methods),
})

/** Somebody who has given a phone number, where everything is as by default. */
export const nobody: Facts = {
  prompt: 'login',
  intent: 'sign-in',
  identifier: phone,
  chosen: null,
  proofs: [],
  firstWays: all('sms-code', 'password'),
  passwordless: true,
  user: null,
  done: [],
  registration: 'open',
  registrationDomains: [],
  invited: false,
  profile: ['name'],
  mfa: { afterPassword: 'required', afterPasswordless: 'when_enrolled' },
  trusted: false,
  named: null,
  app: null,
  wantsApp: false,
  wantsTwoKinds: false,
  wantsPasskey: false,
  passkeys: true,
  offersPasskey: false,
  wantsTheImpossible: false,
}

/** A step in one line: its kind, and what is special about it. */
export const words = (step: Step): string => {
  if (step.kind === 'verify') {
    return `${step.second ? 'then' : 'first'} ${step.ways.map(({ method }) => method).join(' ')}`
  }
  if (step.kind === 'profile') return `profile ${step.fields.join(' ')}`.trim()
  return step.kind === 'new-password' ? `new-password ${step.reason}` : step.kind
}
