/** A relying party as others would write it: `openid-client`, a callback, nothing of ours. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as client from 'openid-client'
import type { Fetch } from './loopback.ts'
import type { Scope } from './scope.ts'

export interface RelyingPartyOptions {
  clientId?: string
  /** Default a fixed one; null makes it a public client. */
  clientSecret?: string | null
  /** Default: `client_secret_basic`, or none for a public client. */
  authentication?: client.ClientAuth
  /** What else its entry under `clients` in the configuration file has. */
  registration?: Record<string, unknown>
}

/** One authorization request, with what its answer has to be checked against. */
export interface AuthorizationRequest {
  url: string
  parameters: Record<string, string>
  state: string
  nonce: string
  verifier: string
}

export type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers

export interface RelyingParty {
  redirectUri: string
  /** Where the browser ends after signing out. */
  signedOutUri: string
  /** Its entry under `clients` in the configuration file. */
  registration: Record<string, unknown>
  /** Reads discovery; everything below needs it. Requests go through `fetch`, as the server's. */
  discover(server: { issuer: string; fetch: Fetch }): Promise<void>
  /** For the functions of `openid-client` that have no short form here. */
  config(): client.Configuration
  /** Scope `openid` unless given; PKCE, state and nonce are added. */
  authorize(parameters?: Record<string, string>): Promise<AuthorizationRequest>
  /** The same through a pushed request (RFC 9126). */
  push(parameters?: Record<string, string>): Promise<AuthorizationRequest>
  /** Waits for the browser to come back, and returns the URL that it came with. */
  callback(request: AuthorizationRequest): Promise<string>
  /** Redeems the code in a callback's URL; checks state, nonce, `iss` and the ID token's signature. */
  exchange(request: AuthorizationRequest, callbackUrl: string): Promise<Tokens>
  refresh(tokens: Tokens, parameters?: Record<string, string>): Promise<Tokens>
  userinfo(tokens: Tokens): Promise<client.UserInfoResponse>
  introspect(token: string): Promise<client.IntrospectionResponse>
  revoke(token: string): Promise<void>
  /** URL that signs out at the provider, with this ID token as the hint. */
  logoutUrl(tokens: Tokens, parameters?: Record<string, string>): string
}

const patienceMs = 15_000

/** Listens on a port of its own until `scope` ends. Register it before the server starts. */
export async function relyingParty(
  scope: Scope,
  options: RelyingPartyOptions = {},
): Promise<RelyingParty> {
  const { clientId = 'shop', clientSecret = 'a-client-secret-for-tests-only-and-nothing-else' } =
    options
  const { origin, arrival } = await listen(scope)
  const redirectUri = `${origin}/callback`
  const signedOutUri = `${origin}/signed-out`
  const authentication =
    options.authentication ??
    (clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret))
  let discovered: client.Configuration | null = null

  const config = () => {
    assert.ok(discovered, 'discover() has not been called')
    return discovered
  }

  const prepare = async (given: Record<string, string>) => {
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const nonce = client.randomNonce()
    const parameters = {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...given,
    }
    return { parameters, state: parameters.state, nonce: parameters.nonce, verifier }
  }

  return {
    redirectUri,
    signedOutUri,
    registration: {
      client_id: clientId,
      ...(clientSecret === null
        ? { token_endpoint_auth_method: 'none' }
        : { client_secret: clientSecret }),
      client_name: 'Shop',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [signedOutUri],
      first_party: true,
      ...options.registration,
    },
    config,

    async discover({ issuer, fetch }) {
      discovered = await client.discovery(new URL(issuer), clientId, {}, authentication, {
        execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
        [client.customFetch]: fetch as client.CustomFetch,
      })
    },

    async authorize(given = {}) {
      const prepared = await prepare(given)
      const url = client.buildAuthorizationUrl(config(), prepared.parameters).href
      return { url, ...prepared }
    },

    async push(given = {}) {
      const prepared = await prepare(given)
      const { href } = await client.buildAuthorizationUrlWithPAR(config(), prepared.parameters)
      return { url: href, ...prepared }
    },

    callback: ({ state }) => arrival(state),

    exchange(request, callbackUrl) {
      const { max_age: maxAge } = request.parameters
      return client.authorizationCodeGrant(config(), new URL(callbackUrl), {
        pkceCodeVerifier: request.verifier,
        expectedState: request.state,
        expectedNonce: request.nonce,
        ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
        idTokenExpected: true,
      })
    },

    refresh(tokens, parameters = {}) {
      assert.ok(tokens.refresh_token, 'No refresh token was issued')
      return client.refreshTokenGrant(config(), tokens.refresh_token, parameters)
    },
    userinfo: (tokens) => client.fetchUserInfo(config(), tokens.access_token, tokens.claims()!.sub),
    introspect: (token) => client.tokenIntrospection(config(), token),
    revoke: (token) => client.tokenRevocation(config(), token),

    logoutUrl: (tokens, parameters = {}) =>
      client.buildEndSessionUrl(config(), {
        id_token_hint: tokens.id_token!,
        post_logout_redirect_uri: signedOutUri,
        ...parameters,
      }).href,
  }
}

/** Remembers with which URL each `state` came back. */
async function listen(scope: Scope) {
  const arrived = new Map<string, PromiseWithResolvers<string>>()
  const of = (state: string) => {
    const entry = arrived.get(state) ?? Promise.withResolvers<string>()
    arrived.set(state, entry)
    return entry
  }

  const server = createServer((asked, answer) => {
    const url = new URL(asked.url!, `http://${asked.headers.host}`)
    const state = url.searchParams.get('state')
    if (url.pathname === '/callback' && state) of(state).resolve(url.href)
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    answer.end(
      '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Shop</title>Back at the shop.</html>',
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.close()
    server.closeAllConnections()
  })

  return {
    // Another site than `localhost`, so that SameSite cookies behave as between two companies.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async arrival(state: string): Promise<string> {
      const late = Promise.withResolvers<never>()
      const deadline = setTimeout(
        () => late.reject(new Error(`The browser did not come back in ${patienceMs} ms`)),
        patienceMs,
      )
      try {
        return await Promise.race([of(state).promise, late.promise])
      } finally {
        clearTimeout(deadline)
      }
    },
  }
}
