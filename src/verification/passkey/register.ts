import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { readAnswer, spendFor } from './answer.ts'
import { type About, type Passkey, registrationResponse } from './contract.ts'
import { checkRegistration } from './library.ts'
import type { Place } from './options.ts'
import { productName } from './products.ts'
import { addPasskey } from './repository.ts'

/** What has come of a registration. */
export interface NewlyRegistered {
  passkey: Passkey
  /** The authenticator has verified that person meanwhile. */
  verified: boolean
  backupEligible: boolean
}

/** See {@link PasskeyMethod.register}. */
export const register = async (
  { db, subject, rpId, origins }: Place,
  userId: string,
  json: string,
  about: About,
): Promise<NewlyRegistered> => {
  const answer = readAnswer(registrationResponse, json)
  const { clientDataJSON, transports } = answer.response
  const spent = await spendFor(db, subject, 'create', clientDataJSON)
  // In one sign-in there may have been somebody else before.
  if (spent.userId !== userId) throw new Problem('passkey_expired')
  const { challenge, demand } = spent
  const made = await checkRegistration(answer, { challenge, origins, rpId, demand })
  const { aaguid, credential, credentialBackedUp: backedUp } = made
  const backupEligible = made.credentialDeviceType === 'multiDevice'
  const { id } = credential
  const name = productName(aaguid)
  const row = { ...credential, userId, transports, aaguid, name, backupEligible, backedUp }
  await db.transaction(async (tx) => {
    if (!(await addPasskey(tx, row))) throw new Problem('passkey_exists')
    await auditRepository(tx).add({
      ...about,
      event: 'factor.added',
      method: 'passkey',
      userId,
      target: id,
      detail: JSON.stringify({ name }),
    })
  })
  return {
    passkey: { id, name, aaguid, backedUp, createdAt: new Date(), lastUsedAt: null },
    verified: made.userVerified,
    backupEligible,
  }
}
