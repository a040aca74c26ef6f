import { decodeProtectedHeader } from 'jose'
import * as oidc from 'openid-client'
import type { Keyring } from '#src/lib/crypto.ts'
import { trialRedirectUri, trialSecret } from '../../trials/trial.ts'
import type { Listening } from '../own-fetch.ts'
import { isRefusal, ownProvider } from '../relying-party.ts'

export interface TrialOptions {
  baseUrl: string
  keys: Keyring
  listening: Listening
}

/** A trial that is out with a browser. */
export interface BegunTrial {
  trialId: string
  clientId: string
  alg: string
  state: string
  nonce: string
  verifier: string
}

export interface TrialWish {
  scope: string
  prompt: string | null
  language: string
}

/** What an application would have got; tokens only decoded, since each is good for something. */
export interface Tried {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
  response: Record<string, unknown>
}

/** Why it got nothing, in the words of the protocol. */
export interface Untried {
  error: string
  description: string | null
}

/** Signing in as a client would, with a copy of it. */
export const trials = ({ baseUrl, keys, listening }: TrialOptions) => {
  const provider = ({ trialId, alg }: Pick<BegunTrial, 'trialId' | 'alg'>) =>
    ownProvider({ baseUrl, listening, secret: trialSecret(keys, trialId) }, trialId, alg)

  return {
    async begin(
      about: Pick<BegunTrial, 'trialId' | 'clientId' | 'alg'>,
      { scope, prompt, language }: TrialWish,
    ): Promise<{ url: string; begun: BegunTrial }> {
      const verifier = oidc.randomPKCECodeVerifier()
      const begun = { ...about, verifier, state: oidc.randomState(), nonce: oidc.randomNonce() }
      const url = oidc.buildAuthorizationUrl(provider(about), {
        redirect_uri: trialRedirectUri(baseUrl),
        scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ui_locales: language,
        ...(prompt ? { prompt } : {}),
      })
      return { url: url.href, begun }
    },

    async finish(begun: BegunTrial, answer: URL): Promise<Tried | Untried> {
      const config = provider(begun)
      try {
        const tokens = await oidc.authorizationCodeGrant(config, answer, {
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()!
        const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
        const { access_token: _access, id_token, refresh_token: _refresh, ...response } = tokens
        return { header: decodeProtectedHeader(id_token!), claims, userinfo, response }
      } catch (error) {
        if (!isRefusal(error)) throw error
        return refusalOf(error as Error & { error?: string; error_description?: string })
      }
    },
  }
}

const refusalOf = (error: Error & { error?: string; error_description?: string }): Untried => ({
  error: error.error ?? 'invalid_response',
  description: error.error_description ?? null,
})
