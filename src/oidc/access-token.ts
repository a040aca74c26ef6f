import { createLocalJWKSet, errors, type JWK, jwtVerify } from 'jose'

/** What an access token for an API of ours says (RFC 9068). */
export interface AccessToken {
  sub: string
  clientId: string
  scopes: readonly string[]
  acr: string | null
  /** When the person proved who they are; null for a program by itself. */
  authenticatedAt: Date | null
  /** The session that it came from, where an API of ours wants to know. */
  sessionUid: string | null
}

export interface AccessTokenDeps {
  issuer: string
  keys: readonly JWK[]
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Members of a key that anybody may have. */
const publicKey = ({ kty, crv, x, y, n, e, alg, kid, use }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, alg, kid, use }))

/**
 * Reads access tokens for our own APIs. A token that is bound to a key is refused, since its proof is
 * not looked at here.
 */
export const accessTokens = ({ issuer, keys }: AccessTokenDeps) => {
  const set = createLocalJWKSet({ keys: keys.map(publicKey) as never })

  return async (token: string, audience: string): Promise<AccessToken | null> => {
    try {
      const { payload } = await jwtVerify(token, set, {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['exp', 'sub', 'client_id'],
      })
      const clientId = text(payload.client_id)
      if (!payload.sub || !clientId || payload.cnf) return null
      return {
        sub: payload.sub,
        clientId,
        scopes: text(payload.scope)?.split(' ') ?? [],
        acr: text(payload.acr),
        authenticatedAt:
          typeof payload.auth_time === 'number' ? new Date(payload.auth_time * 1000) : null,
        sessionUid: text(payload.session_uid),
      }
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }
}
