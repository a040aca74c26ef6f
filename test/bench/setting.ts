/** What both servers are told, so that they do the same work, and where they are found. */
import { createHash } from 'node:crypto'

/** A server under load. */
export interface Target {
  name: 'bare' | 'avouch'
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  address: string
  /** Its public origin, which `Host` names. */
  origin: string
  /** Path of its issuer. */
  prefix: string
  /** What the proxy before it adds. */
  headers: Record<string, string>
}

export const resource = 'https://api.example.com/orders'
export const resourceScope = 'orders:read'
export const scope = 'openid profile phone offline_access'

const verifier = 'a-code-verifier-that-is-the-same-in-each-request-of-a-benchmark'
export const pkce = {
  verifier,
  challenge: createHash('sha256').update(verifier).digest('base64url'),
}

const es256 = { id_token_signed_response_alg: 'ES256' as const }
const person = { ...es256, grant_types: ['authorization_code', 'refresh_token'] }

/** Takes tokens for itself. */
export const service = {
  ...es256,
  client_id: 'service',
  client_secret: 'zS3kq0vK1yW8uT6nR4mB2cX9dF7gH5jL',
  grant_types: ['client_credentials'],
  redirect_uris: [],
}

/** Signs people in, with a secret. */
export const shop = {
  ...person,
  client_id: 'shop',
  client_secret: 'pQ7wE5rT3yU1iO9aS2dF4gH6jK8lZ0xC',
  redirect_uris: ['https://shop.example.com/callback'],
}

/** Signs people in without one, so that its refresh tokens rotate at every use. */
export const app = {
  ...person,
  client_id: 'app',
  token_endpoint_auth_method: 'none' as const,
  redirect_uris: ['https://app.example.com/callback'],
}

/** Swiss mobile numbers: one for each account that the benchmark has made beforehand. */
export const accounts = 100_000
export const phoneOf = (account: number): string =>
  `+4179${String(1_000_000 + (account % accounts)).padStart(7, '0')}`
