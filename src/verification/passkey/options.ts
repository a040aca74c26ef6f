import { randomBytes } from 'node:crypto'
import type { Db } from '#src/db/contract.ts'
import { type Demand, openChallenge, type Purpose } from './challenge-repository.ts'
import type { CreationOptions, NewPasskey, PasskeyOwner, RequestOptions } from './contract.ts'
import { algorithms } from './library.ts'
import { handleOf, listPasskeys } from './repository.ts'

/** Where a passkey is asked for, and what it has to belong to. */
export interface Place {
  db: Db
  subject: string
  rpId: string
  origins: readonly string[]
}

const ttlSeconds = 300
const timeout = ttlSeconds * 1000

/** Authenticators know a person by these bytes; nothing can be learnt from them (section 14.6.1). */
export const freshHandle = (): Buffer => randomBytes(32)

const challengeFor = async (
  { db, subject }: Place,
  purpose: Purpose,
  demand: Demand,
  userId: string | null,
): Promise<string> => {
  const bytes = randomBytes(32)
  await openChallenge(db, { bytes, subject, purpose, demand, userId, ttlSeconds })
  return bytes.toString('base64url')
}

/** Of a person nothing is told, not even that they have a passkey, before they have proven anything. */
export const requestOptions = async (
  place: Place,
  { userId, verified }: { userId: string | null; verified: boolean },
): Promise<RequestOptions> => {
  const required = verified || userId === null
  const challenge = await challengeFor(place, 'get', required ? 'verified' : 'present', userId)
  return {
    challenge,
    rpId: place.rpId,
    timeout,
    userVerification: required ? 'required' : 'preferred',
    allowCredentials: userId ? await descriptors(place.db, userId) : [],
  }
}

const demands: Record<NewPasskey, Demand> = {
  any: 'present',
  passkey: 'verified',
  quiet: 'nothing',
}

export const creationOptions = async (
  place: Place,
  brand: string,
  { id, name, displayName }: PasskeyOwner,
  kind: NewPasskey,
): Promise<CreationOptions> => {
  const handle = await handleOf(place.db, id, freshHandle())
  const challenge = await challengeFor(place, 'create', demands[kind], id)
  return {
    challenge,
    rp: { id: place.rpId, name: brand },
    user: { id: handle.toString('base64url'), name, displayName },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout,
    excludeCredentials: await descriptors(place.db, id),
    authenticatorSelection: {
      residentKey: kind === 'any' ? 'preferred' : 'required',
      requireResidentKey: kind !== 'any',
      userVerification: kind === 'passkey' ? 'required' : 'preferred',
    },
    attestation: 'none',
  }
}

const descriptors = async (db: Db, userId: string) =>
  (await listPasskeys(db, userId)).map(({ id, transports }) => ({
    type: 'public-key' as const,
    id,
    transports,
  }))
