import { z } from 'zod'

/** A passkey as its owner, and those who look after people, see it. */
export interface Passkey {
  /** The credential id, base64url. */
  id: string
  name: string
  /** Which product made it; zeros where that is not told. */
  aaguid: string
  /** It is kept by a password manager, and so on more than one device. */
  backedUp: boolean
  createdAt: Date
  lastUsedAt: Date | null
}

/** Whom a passkey is made for; authenticators show both names in their lists. */
export interface PasskeyOwner {
  id: string
  /** What they sign in with. */
  name: string
  displayName: string
}

/**
 * What a new passkey has to be. `any`: also a security key that verifies nobody, good as a second
 * factor; `passkey`: one that signs in by itself; `quiet`: the same, made by the browser without
 * asking anybody, so that nobody is present or verified meanwhile.
 */
export type NewPasskey = 'any' | 'passkey' | 'quiet'

/** Who caused a change, for the audit log. */
export interface About {
  clientId?: string | null
  interactionUid?: string | null
  address?: string | null
  reference?: string | null
  actor?: { kind: 'client' | 'person'; id: string } | null
}

interface Descriptor {
  type: 'public-key'
  id: string
  transports: string[]
}

/** `PublicKeyCredentialRequestOptionsJSON` of WebAuthn Level 3, section 5.1. */
export interface RequestOptions {
  challenge: string
  rpId: string
  timeout: number
  userVerification: 'required' | 'preferred'
  allowCredentials: Descriptor[]
}

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn Level 3, section 5.1. */
export interface CreationOptions {
  challenge: string
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  pubKeyCredParams: { type: 'public-key'; alg: number }[]
  timeout: number
  excludeCredentials: Descriptor[]
  authenticatorSelection: {
    residentKey: 'required' | 'preferred'
    requireResidentKey: boolean
    userVerification: 'required' | 'preferred'
  }
  attestation: 'none'
}

const base64url = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\w-]+$/)

/** 1023 bytes (WebAuthn Level 3, section 4, Credential ID). */
const credentialId = base64url(1364)

/** What a browser answers to {@link RequestOptions}. */
export const assertionResponse = z.object({
  id: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(4096),
    signature: base64url(2048),
    userHandle: base64url(88).nullish(),
  }),
})
export type AssertionResponse = z.output<typeof assertionResponse>

/** What a browser answers to {@link CreationOptions}. */
export const registrationResponse = z.object({
  id: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(8192),
    attestationObject: base64url(8192),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,32}$/))
      .max(8)
      .default([]),
  }),
})
export type RegistrationResponse = z.output<typeof registrationResponse>
