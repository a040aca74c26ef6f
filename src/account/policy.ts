import type { Settings } from '#src/settings/contract.ts'
import type { IdentifierType } from '#src/users/contract.ts'
import type { Acr, MethodId } from '#src/verification/index.ts'

export type { Acr } from '#src/verification/index.ts'

/** What somebody could sign in with. */
export interface Ways {
  identifiers: readonly { type: IdentifierType; verified: boolean }[]
  password: boolean
  totp: boolean
  backupCodes: number
  passkeys: number
}

/** What this installation lets people sign in with. */
export interface Offered {
  identifiers: readonly IdentifierType[]
  methods: readonly MethodId[]
}

const startingFrom: Record<IdentifierType, readonly MethodId[]> = {
  email: ['email-link', 'email-code'],
  phone: ['sms-code', 'sms-link'],
  username: [],
}

/** Methods by which somebody can begin a sign-in. */
export const waysIn = (ways: Ways, { identifiers, methods }: Offered): MethodId[] => {
  const own = ways.identifiers.filter(
    ({ type, verified }) => verified && identifiers.includes(type),
  )
  const possible = new Set<MethodId>(own.flatMap(({ type }) => startingFrom[type]))
  if (own.length > 0 && ways.password) possible.add('password')
  if (ways.passkeys > 0) possible.add('passkey')
  return methods.filter((method) => possible.has(method))
}

/**
 * Whether somebody would still be known by something, and could still sign in. An account without
 * either is lost to its person.
 */
export const canComeBack = (after: Ways, offered: Offered): boolean =>
  after.identifiers.some(({ verified }) => verified) && waysIn(after, offered).length > 0

/** The most that somebody can prove about themselves. */
export const reachableAcr = (ways: Ways, { methods }: Pick<Offered, 'methods'>): Acr => {
  const { identifiers, password, totp, backupCodes, passkeys } = ways
  if (passkeys > 0 && methods.includes('passkey')) return 'phr'
  const phone = identifiers.some(({ type, verified }) => type === 'phone' && verified)
  return password && (totp || phone || backupCodes > 0) ? 'aal2' : 'aal1'
}

/** Codes on paper stand in for something else; they go with the last of it. */
export const keepsBackupCodes = ({ totp, passkeys }: Ways): boolean => totp || passkeys > 0

/** What a change of an account takes. */
export interface Needed {
  acr: Acr
  /** Their authenticator app, or what stands for it, whatever else makes up `acr`. */
  app: boolean
}

/**
 * The most that somebody can prove, and their authenticator app in any case: beside a mailbox it
 * makes no `aal2`, and still nobody takes it away who has the mailbox alone.
 */
export const neededFor = (ways: Ways, offered: Pick<Offered, 'methods'>): Needed => ({
  acr: reachableAcr(ways, offered),
  app: ways.totp,
})

/** A proof is good for this long where something is changed (ASVS 7.5.3), or as short as settings say. */
export const freshSeconds = ({
  aal2IdleSeconds,
  aal2AbsoluteSeconds,
}: Pick<Settings['session'], 'aal2IdleSeconds' | 'aal2AbsoluteSeconds'>): number =>
  Math.min(5 * 60, aal2IdleSeconds, aal2AbsoluteSeconds)

/** What makes an account harder to lose and harder to take over. */
export type Advice = 'another-way' | 'two-step' | 'backup-codes' | 'passkey'

/** Fewer codes than this are soon none. */
const fewCodes = 3

/** What is there of it, and what is not; only what is offered here. */
export const checklist = (ways: Ways, offered: Offered): { advice: Advice; done: boolean }[] => {
  const proven = ways.identifiers.filter(({ verified }) => verified)
  const all: { advice: Advice; done: boolean; applies: boolean }[] = [
    {
      advice: 'another-way',
      done: proven.length > 1 || ways.passkeys > 0,
      applies: true,
    },
    { advice: 'two-step', done: ways.totp || ways.passkeys > 0, applies: true },
    {
      advice: 'backup-codes',
      done: ways.backupCodes > fewCodes,
      applies: keepsBackupCodes(ways),
    },
    { advice: 'passkey', done: ways.passkeys > 0, applies: offered.methods.includes('passkey') },
  ]
  return all.filter(({ applies }) => applies).map(({ advice, done }) => ({ advice, done }))
}
