/** Tokens that nobody has signed. */

type Json = Record<string, unknown>
const part = (value: Json | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
/** A JWT with a signature that is no good. */
export const jwt = (header: Json | string, payload: Json | string, signature = 'c2ln'): string =>
  `${part(header)}.${part(payload)}.${signature}`

const soon = 4_102_444_800
export const claims = {
  iss: 'shop',
  sub: 'shop',
  aud: 'https://id.example.com/oidc',
  jti: 'a',
  exp: soon,
}
