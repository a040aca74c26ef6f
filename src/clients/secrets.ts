import { randomBytes } from 'node:crypto'
import { randomToken, sameBytes, sha256 } from '#src/lib/crypto.ts'
import type { Client, ClientSecret } from './contract.ts'

const scheme = 'sha256:'

/**
 * What is kept of a client secret. A plain hash is enough for what nobody chose: secrets are long
 * and random, which is checked where they are set.
 */
export const hashSecret = (secret: string): string => scheme + sha256(secret).toString('base64url')

/** Whether a secret still opens. */
export const isLive = ({ expires_at }: Pick<ClientSecret, 'expires_at'>, now: Date): boolean =>
  expires_at === null || Date.parse(expires_at) > now.getTime()

/** Whether a secret is one of the live ones, in a time that does not tell which or how nearly. */
export const checkSecret = (
  secrets: readonly Pick<ClientSecret, 'hash' | 'expires_at'>[],
  secret: string,
  now: Date,
): boolean => {
  const given = sha256(secret)
  return secrets
    .filter((each) => each.hash.startsWith(scheme) && isLive(each, now))
    .map(({ hash }) => sameBytes(Buffer.from(hash.slice(scheme.length), 'base64url'), given))
    .includes(true)
}

/** Whether the client proves itself by a secret. */
export const usesSecret = ({
  token_endpoint_auth_method: method,
}: Pick<Client, 'token_endpoint_auth_method'>): boolean =>
  method === 'client_secret_basic' || method === 'client_secret_post'

export interface NewSecret {
  /** To be shown once. */
  value: string
  kept: ClientSecret
}

/** A secret: `value`, or 256 random bits. */
export const newSecret = (
  now: Date,
  {
    label = null,
    expiresAt = null,
    value = randomToken(),
  }: {
    label?: string | null | undefined
    expiresAt?: Date | null | undefined
    value?: string | undefined
  } = {},
): NewSecret => ({
  value,
  kept: {
    id: randomBytes(6).toString('hex'),
    hash: hashSecret(value),
    label,
    created_at: now.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
  },
})
