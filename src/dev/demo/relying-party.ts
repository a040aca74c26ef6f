import { setTimeout as wait } from 'node:timers/promises'
import * as client from 'openid-client'
import { byBrowser, type Exchange, type Recorder, recordingFetch } from './exchange.ts'

/** What an operator of any other application would know, and nothing more. */
export interface RelyingPartyOptions {
  issuer: string
  clientId: string
  /** None: a public client. */
  clientSecret?: string | undefined
  redirectUri: string
  postLogoutRedirectUri: string
}

/** A sign-in that is out with the browser. */
export interface Pending {
  state: string
  nonce: string
  codeVerifier: string
  maxAge: number | undefined
  resource: string | undefined
  exchanges: Exchange[]
}

export interface Tokens {
  idToken: string
  accessToken: string
  refreshToken: string | null
  scope: string | null
  expiresAt: Date | null
  claims: client.IDToken
}

const requestTimeoutSeconds = 10
// The provider may start a moment later than this application does.
const discoveryPausesMs = [200, 400, 800, 1600]

const authentication = (secret: string | undefined): client.ClientAuth =>
  secret ? client.ClientSecretBasic(secret) : client.None()

const tokensOf = (
  response: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  before: Tokens | null,
): Tokens => {
  const seconds = response.expiresIn()
  return {
    idToken: response.id_token ?? before?.idToken ?? '',
    accessToken: response.access_token,
    refreshToken: response.refresh_token ?? before?.refreshToken ?? null,
    scope: response.scope ?? before?.scope ?? null,
    expiresAt: seconds === undefined ? null : new Date(Date.now() + seconds * 1000),
    claims: response.claims() ?? before!.claims,
  }
}

/**
 * An OpenID Connect relying party: discovery, authorization code with PKCE, state and nonce, and
 * the ID token's signature checked against the provider's keys. Every request is recorded.
 *
 * All functions throw what openid-client throws; see {@link explain}.
 */
export const relyingParty = (options: RelyingPartyOptions) => {
  const { issuer, clientId, clientSecret, redirectUri, postLogoutRedirectUri } = options
  const insecure = issuer.startsWith('http:')
  let discovered: { server: client.ServerMetadata; exchange: Exchange } | null = null

  const discoverOnce = async () => {
    const exchanges: Exchange[] = []
    const config = await client.discovery(new URL(issuer), clientId, undefined, undefined, {
      execute: insecure ? [client.allowInsecureRequests] : [],
      timeout: requestTimeoutSeconds,
      [client.customFetch]: recordingFetch((exchange) => exchanges.push(exchange), null),
    })
    return { server: config.serverMetadata(), exchange: exchanges[0]! }
  }

  const discover = async () => {
    for (const pause of discoveryPausesMs) {
      try {
        return await discoverOnce()
      } catch {
        await wait(pause)
      }
    }
    return discoverOnce()
  }

  /** One configuration for each operation, so that each has a record of its own. */
  const connect = async (record: Recorder): Promise<client.Configuration> => {
    discovered ??= await discover()
    const { server } = discovered
    const config = new client.Configuration(server, clientId, {}, authentication(clientSecret))
    config.timeout = requestTimeoutSeconds
    config[client.customFetch] = recordingFetch(record, server)
    if (insecure) client.allowInsecureRequests(config)
    client.enableNonRepudiationChecks(config)
    return config
  }

  return {
    /** Prepares an authorization request; the browser goes to `url`. Adds to `exchanges`. */
    async begin(
      parameters: { [name: string]: string },
      { pushed, exchanges }: { pushed: boolean; exchanges: Exchange[] },
    ): Promise<{ url: URL; pending: Pending }> {
      const config = await connect((exchange) => exchanges.push(exchange))
      if (discovered) exchanges.unshift(discovered.exchange)
      const state = client.randomState()
      const nonce = client.randomNonce()
      const codeVerifier = client.randomPKCECodeVerifier()
      const request = {
        redirect_uri: redirectUri,
        response_type: 'code',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...parameters,
      }
      const url = pushed
        ? await client.buildAuthorizationUrlWithPAR(config, request)
        : client.buildAuthorizationUrl(config, request)
      exchanges.push(byBrowser('Authorization request', url))
      const { resource, max_age = '' } = parameters
      const maxAge = /^\d{1,9}$/.test(max_age) ? Number(max_age) : undefined
      return { url, pending: { state, nonce, codeVerifier, maxAge, resource, exchanges } }
    },

    /** Checks the provider's answer and exchanges the code. Adds to `pending.exchanges`. */
    async finish(pending: Pending, answer: URL): Promise<Tokens> {
      pending.exchanges.push(byBrowser('Answer to the authorization request', answer))
      const config = await connect((exchange) => pending.exchanges.push(exchange))
      const response = await client.authorizationCodeGrant(
        config,
        answer,
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.codeVerifier,
          idTokenExpected: true,
          ...(pending.maxAge === undefined ? {} : { maxAge: pending.maxAge }),
        },
        pending.resource === undefined ? {} : { resource: pending.resource },
      )
      return tokensOf(response, null)
    },

    async userinfo(tokens: Tokens, record: Recorder): Promise<client.UserInfoResponse> {
      return client.fetchUserInfo(await connect(record), tokens.accessToken, tokens.claims.sub)
    },

    /** New tokens for the refresh token; what the answer leaves out stays as it was. */
    async refresh(tokens: Tokens, record: Recorder): Promise<Tokens> {
      const config = await connect(record)
      return tokensOf(await client.refreshTokenGrant(config, tokens.refreshToken ?? ''), tokens)
    },

    /** Where the browser goes to sign out at the provider too. */
    async signOutUrl(tokens: Tokens, state: string): Promise<URL> {
      return client.buildEndSessionUrl(await connect(() => undefined), {
        id_token_hint: tokens.idToken,
        post_logout_redirect_uri: postLogoutRedirectUri,
        state,
      })
    },
  }
}

export type RelyingParty = ReturnType<typeof relyingParty>
