/**
 * Codes from an authenticator app (TOTP, RFC 6238).
 *
 * Enrolment: `begin` gives a secret to show, which the caller keeps (sealed) until `confirm` has
 * seen a code of it; only then `store` makes it a way in. So a secret that nobody has proven to
 * hold never signs anyone in.
 */
import { randomBytes } from 'node:crypto'
import type { Db } from '#src/db/contract.ts'
import { type Keyring, openOrNull } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Method } from '../contract.ts'
import { normaliseCode } from '../normalise.ts'
import { fromBase32, toBase32 } from './base32.ts'
import { digits, matchingSteps } from './code.ts'
import { deleteSecret, findSecret, saveSecret, spendStep } from './repository.ts'
import { sealingAgain } from './seal-again.ts'
import { otpauthUri } from './uri.ts'

export { qrSvg } from './qr.ts'

export interface TotpDeps {
  db: Db
  /** Keys for nothing else. */
  keys: Keyring
  now(): Date
}

/** What the app will list the codes under. */
export interface TotpNames {
  issuer: string
  account: string
}

export interface ShownSecret {
  secret: string
  uri: string
}

export interface TotpMethod extends Method {
  /** A fresh secret (base32, 160 bits) and its `otpauth:` address. Keeps nothing. */
  begin(names: TotpNames): ShownSecret
  /** The same for a secret that was begun already: a page is drawn more than once. */
  describe(names: TotpNames, secret: string): ShownSecret
  /**
   * Returns the time step of a code that proves possession of the secret.
   *
   * @throws Problem `incorrect_code`, `code_required` or `code_malformed`
   */
  confirm(secret: string, answer: string): number
  /** Makes a confirmed secret the person's only one; the code that confirmed it is spent. */
  store(db: Db, userId: string, enrolled: { secret: string; step: number }): Promise<void>
  has(db: Db, userId: string): Promise<boolean>
  /** Seals some of the secrets with the newest key; again and again, it comes to all of them. */
  sealAgain(): Promise<void>
  remove(db: Db, userId: string): Promise<void>
}

/** 160 bits, as long as the output of the hash (RFC 4226, section 4, R6). */
const secretBytes = 20

export function totpMethod({ db, keys, now }: TotpDeps): TotpMethod {
  const context = (userId: string) => `totp_secrets/${userId}`
  const amr = ['otp']

  /** Whether it is the same secret under another key than a moment ago. */
  const sealedMeanwhile = async (userId: string, before: Buffer, secret: string) => {
    const { sealed } = (await findSecret(db, userId)) ?? { sealed: before }
    return !sealed.equals(before) && openOrNull(keys, sealed, context(userId)) === secret
  }

  const verify: TotpMethod['verify'] = async (who, answer) => {
    const { userId } = who
    const code = normaliseCode(answer, digits)
    const stored = userId === null ? null : await findSecret(db, userId)
    if (userId === null || stored === null) throw incorrect()
    const secret = keys.open(stored.sealed, context(userId))
    const steps = matchingSteps(fromBase32(secret), code, now())
    if (steps.length === 0) throw incorrect()
    const step = steps.find((each) => each > stored.lastStep) ?? steps[0]!
    if (!(await spendStep(db, userId, { sealed: stored.sealed, step }))) {
      if (await sealedMeanwhile(userId, stored.sealed, secret)) return verify(who, answer)
      throw new Problem('code_already_used', { field: 'code' })
    }
    const proof = { method: 'totp', kind: 'possession', channel: null, amr } as const
    return { ...proof, identifier: null, userId, at: now() }
  }

  return {
    id: 'totp',
    kind: 'possession',
    channel: null,
    amr,
    accepts: [],

    verify,

    begin: (names) => describe(names, toBase32(randomBytes(secretBytes))),
    describe,
    confirm(secret, answer) {
      const steps = matchingSteps(fromBase32(secret), normaliseCode(answer, digits), now())
      if (steps.length === 0) throw incorrect()
      return steps.at(-1)!
    },
    async store(db, userId, { secret, step }) {
      const sealed = keys.seal(secret, context(userId))
      await saveSecret(db, userId, { sealed, lastStep: step })
    },
    sealAgain: sealingAgain(db, keys, context),
    has: async (db, userId) => (await findSecret(db, userId)) !== null,
    remove: deleteSecret,
  }
}

const describe = (names: TotpNames, secret: string): ShownSecret => ({
  secret,
  uri: otpauthUri(names, secret),
})

const incorrect = () => new Problem('incorrect_code', { field: 'code' })
