import { randomUUID } from 'node:crypto'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Client } from '#src/clients/index.ts'

/** Long enough for a receiver whose clock is a little off, and of no use to anybody later. */
const lifeSeconds = 120

const event = 'http://schemas.openid.net/event/backchannel-logout'

export interface Ended {
  userId: string
  sid: string
}

/**
 * Signs a statement that a session has ended (OpenID Connect Back-Channel Logout 1.0, section 2.4),
 * as the client's ID tokens are signed. It always names the session: without, the client would have
 * to sign the person out everywhere. Each try has a `jti` of its own, since a client may refuse one
 * that it has seen, whose answer did not reach us.
 *
 * @param keys private signing keys; the first of an algorithm signs
 */
export const logoutToken = async (
  issuer: string,
  keys: readonly JWK[],
  client: Pick<Client, 'client_id' | 'id_token_signed_response_alg'>,
  { userId, sid }: Ended,
): Promise<string> => {
  const alg = client.id_token_signed_response_alg
  const key = keys.find((each) => each.alg === alg)
  if (!key?.kid) throw new Error(`There is no key for ${alg}`)
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ events: { [event]: {} }, sid })
    .setProtectedHeader({ alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuer)
    .setSubject(userId)
    .setAudience(client.client_id)
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .setJti(randomUUID())
    .sign(await importJWK(key, alg))
}
