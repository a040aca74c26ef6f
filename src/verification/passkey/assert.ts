import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Verification } from '../contract.ts'
import { readAnswer, spendFor } from './answer.ts'
import { assertionResponse } from './contract.ts'
import { checkAssertion, refused } from './library.ts'
import type { Place } from './options.ts'
import { findPasskey, notePasskeyUse } from './repository.ts'

/**
 * Turns what an authenticator has signed into a proof.
 *
 * @param userId whose it has to be; null: whoever the passkey belongs to
 * @throws Problem `passkey_refused`, `passkey_expired`, `passkey_unverified`, `passkey_unknown` or
 * `passkey_cloned`
 */
export const assert = async (
  { db, subject, rpId, origins }: Place,
  userId: string | null,
  json: string,
  at: Date,
): Promise<Verification> => {
  const answer = readAnswer(assertionResponse, json)
  const { clientDataJSON, userHandle } = answer.response
  const { challenge, demand, userId: asked } = await spendFor(db, subject, 'get', clientDataJSON)
  const passkey = await findPasskey(db, answer.id)
  if (!passkey) throw new Problem('passkey_unknown')
  const owner = userId ?? asked
  if (owner && passkey.userId !== owner) throw refused('of somebody else')
  // Who is not known from elsewhere says who they are (section 7.2, step 6).
  const handle = userHandle ? Buffer.from(userHandle, 'base64url') : null
  if (handle ? !handle.equals(passkey.handle) : !owner) throw refused('user handle')

  const { counter, userVerified, backupEligible, backedUp } = await checkAssertion(
    answer,
    passkey,
    { challenge, origins, rpId, demand },
  )
  if (backupEligible !== passkey.backupEligible) throw refused('backup eligibility')
  if (!(await notePasskeyUse(db, passkey.id, { counter, backedUp }))) {
    if (!(await findPasskey(db, passkey.id))) throw new Problem('passkey_unknown')
    await auditRepository(db).add({
      event: 'factor.cloned',
      userId: passkey.userId,
      method: 'passkey',
      target: passkey.id,
      detail: JSON.stringify({ counter }),
    })
    throw new Problem('passkey_cloned')
  }
  return {
    method: 'passkey',
    kind: userVerified ? 'inherence' : 'possession',
    channel: null,
    identifier: null,
    userId: passkey.userId,
    amr: passkeyAmr(backupEligible),
    at,
  }
}

/** A key that can be copied to other devices is kept in software (RFC 8176, section 2). */
export const passkeyAmr = (backupEligible: boolean): string[] => [
  backupEligible ? 'swk' : 'hwk',
  'user',
]
