import * as client from 'openid-client'
import { consoleClientId } from '#config/client-schema.ts'
import { type ConsoleOptions, redirectUri, signedOutUri } from './own-client.ts'
import { ownFetch } from './own-fetch.ts'

/** A sign-in that is out with the browser. */
export interface Begun {
  state: string
  nonce: string
  verifier: string
  /** Where in the console to go afterwards. */
  to: string
  /** A proof not older than this is wanted. */
  withinSeconds: number
}

export interface Wish {
  prompt: 'select_account' | null
  /** A proof not older than this is wanted. */
  withinSeconds: number
  /** Whatever was proven before is not enough. */
  anew: boolean
  loginHint: string | null
  language: string
}

export interface SignedIn {
  userId: string
  idToken: string
}

/** This server as a client of its own sees it; nothing has to be discovered. */
export const ownProvider = (
  { baseUrl, secret, listening }: ConsoleOptions,
  clientId: string,
  idTokenAlg = 'RS256',
): client.Configuration => {
  const issuer = `${baseUrl}/oidc`
  const config = new client.Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/me`,
      end_session_endpoint: `${issuer}/session/end`,
      authorization_response_iss_parameter_supported: true,
    },
    clientId,
    { id_token_signed_response_alg: idTokenAlg },
    client.ClientSecretBasic(secret),
  )
  config[client.customFetch] = ownFetch(listening)
  if (baseUrl.startsWith('http:')) client.allowInsecureRequests(config)
  client.enableNonRepudiationChecks(config)
  return config
}

/** The console's own sign-in: authorization code with PKCE, state and nonce, as for any client. */
export const consoleRelyingParty = (options: ConsoleOptions) => {
  const { baseUrl } = options
  const config = ownProvider(options, consoleClientId)

  return {
    /** Where the browser goes; `begun` has to be there when it comes back. */
    async begin(
      to: string,
      { prompt, withinSeconds, anew, loginHint, language }: Wish,
    ): Promise<{ url: string; begun: Begun }> {
      const verifier = client.randomPKCECodeVerifier()
      const begun = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier,
        to,
        withinSeconds,
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri(baseUrl),
        scope: 'openid',
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        acr_values: 'aal2',
        ui_locales: language,
        max_age: String(anew ? 0 : withinSeconds),
        ...(prompt ? { prompt } : {}),
        ...(loginHint ? { login_hint: loginHint } : {}),
      })
      return { url: url.href, begun }
    },

    /** @returns null when it is not the answer to `begun`, or the person was refused */
    async finish(
      { state, nonce, verifier, withinSeconds }: Begun,
      answer: URL,
    ): Promise<SignedIn | null> {
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
        maxAge: withinSeconds,
      }
      const tokens = await client
        .authorizationCodeGrant(config, answer, checks)
        .catch((error: unknown) => {
          if (isRefusal(error)) return null
          throw error
        })
      if (!tokens) return null
      return { userId: tokens.claims()!.sub, idToken: tokens.id_token! }
    },

    signOutUrl: (idToken: string): string =>
      client.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: signedOutUri(baseUrl),
      }).href,
  }
}

export type ConsoleRelyingParty = ReturnType<typeof consoleRelyingParty>

/** What the browser brought is wrong, or the provider said no: nothing here has failed. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof client.AuthorizationResponseError ||
  error instanceof client.ResponseBodyError ||
  error instanceof client.ClientError
