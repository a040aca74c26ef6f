/**
 * What the library checks. It is loaded when the first passkey comes: it takes 30 MB, and many
 * processes never see one.
 */
import type { VerifiedRegistrationResponse } from '@simplewebauthn/server'
import { Problem } from '#src/lib/problem.ts'
import type { Demand } from './challenge-repository.ts'
import type { AssertionResponse, RegistrationResponse } from './contract.ts'

/** EdDSA, ES256, RS256: what all authenticators of today can do one of. */
export const algorithms = [-8, -7, -257]

export interface Expected {
  challenge: string
  origins: readonly string[]
  rpId: string
  demand: Demand
}

export interface Asserted {
  counter: number
  userVerified: boolean
  backupEligible: boolean
  backedUp: boolean
}

/** Whatever is wrong with what a browser sent, it is told the same; the log has the cause. */
export const refused = (cause: unknown): Problem => new Problem('passkey_refused', { cause })

const load = () => import('@simplewebauthn/server')

const flagsAt = 32
const verifiedFlag = 0x04

/** @throws Problem `passkey_unverified` */
const demandVerified = (authenticatorData: Uint8Array, demand: Demand): void => {
  const flags = authenticatorData[flagsAt] ?? 0
  if (demand === 'verified' && (flags & verifiedFlag) === 0) throw new Problem('passkey_unverified')
}

/** @throws Problem `passkey_refused` or `passkey_unverified` */
export const checkAssertion = async (
  { id, type, response }: AssertionResponse,
  stored: { id: string; publicKey: Buffer },
  { challenge, origins, rpId, demand }: Expected,
): Promise<Asserted> => {
  demandVerified(Buffer.from(response.authenticatorData, 'base64url'), demand)
  const { verifyAuthenticationResponse } = await load()
  const { userHandle: _, ...rest } = response
  const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
    response: { id, rawId: id, type, response: rest, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...origins],
    expectedRPID: rpId,
    // How far the counter has come is for the statement that keeps it.
    credential: { id: stored.id, publicKey: new Uint8Array(stored.publicKey), counter: 0 },
    requireUserVerification: demand === 'verified',
  }).catch((error: unknown) => {
    throw refused(error)
  })
  if (!verified) throw refused('signature')
  return {
    counter: info.newCounter,
    userVerified: info.userVerified,
    backupEligible: info.credentialDeviceType === 'multiDevice',
    backedUp: info.credentialBackedUp,
  }
}

export type Registered = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

/** @throws Problem `passkey_refused` or `passkey_unverified` */
export const checkRegistration = async (
  { id, type, response }: RegistrationResponse,
  { challenge, origins, rpId, demand }: Expected,
): Promise<Registered> => {
  const { verifyRegistrationResponse } = await load()
  await refuseCertificates(response.attestationObject, demand)
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: {
      id,
      rawId: id,
      type,
      response: { ...response, transports: [] },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: [...origins],
    expectedRPID: rpId,
    requireUserPresence: demand !== 'nothing',
    requireUserVerification: demand === 'verified',
    supportedAlgorithmIDs: algorithms,
  }).catch((error: unknown) => {
    throw refused(error)
  })
  if (!verified || !registrationInfo || registrationInfo.credential.id !== id) {
    throw refused('attestation')
  }
  return registrationInfo
}

/**
 * None is asked for. Certificates would have to be looked up, at an address that whoever made them
 * has chosen.
 */
const refuseCertificates = async (attestationObject: string, demand: Demand): Promise<void> => {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const read = () => {
    try {
      return decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')))
    } catch (error) {
      throw refused(error)
    }
  }
  const object = read()
  const format = object.get('fmt')
  const statement = object.get('attStmt')
  const data = object.get('authData')
  if (!(data instanceof Uint8Array) || !(statement instanceof Map)) throw refused('attestation')
  if (format !== 'none' && !(format === 'packed' && statement.get('x5c') === undefined)) {
    throw refused(`attestation ${format}`)
  }
  demandVerified(data, demand)
}
