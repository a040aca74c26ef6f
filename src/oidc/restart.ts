import { UnsecuredJWT } from 'jose'
import type { Provider } from 'oidc-provider'
import type { Stored } from './storage/memo.ts'
import type { interactionRepository } from './storage/request-repository.ts'

export interface RestartDeps {
  provider: () => Provider
  requests: ReturnType<typeof interactionRepository>
  authorizePath: string
}

type Params = Record<string, string | string[] | undefined>

/** What the library makes of a pushed request. */
const pushedPrefix = 'urn:ietf:params:oauth:request_uri:'
const pushedSeconds = 60

/** Makes the request of an interaction that is over once more, for whoever has its address. */
export const restart = ({ provider, requests, authorizePath }: RestartDeps) => {
  const find = async (uid: string): Promise<Stored | null> => {
    const ended = await requests.findEnded(uid)
    return ended?.params && !ended.deviceCode ? ended : null
  }

  /** As its client would push it anew (RFC 9126): what is in it was never in an address. */
  const push = async (params: Params): Promise<string> => {
    const { PushedAuthorizationRequest: Pushed, issuer } = provider()
    const seconds = Math.floor(Date.now() / 1000)
    const request = new UnsecuredJWT(params)
      .setIssuedAt(seconds)
      .setIssuer(String(params.client_id))
      .setAudience(issuer)
      .setExpirationTime(seconds + pushedSeconds)
      .setNotBefore(seconds)
      .encode()
    const made = { request, dpopJkt: params.dpop_jkt, trusted: false }
    return `${pushedPrefix}${await new Pushed(made as never).save(pushedSeconds)}`
  }

  return {
    isPossible: async (uid: string): Promise<boolean> => (await find(uid)) !== null,

    /** Where it begins again; null for an unknown one. */
    async url(uid: string): Promise<string | null> {
      const ended = await find(uid)
      if (!ended) return null
      // It is no more than a hint, and names somebody.
      const { id_token_hint: _, request_uri: __, ...params } = ended.params as Params
      const { client_id } = params
      const asked = ended.parJti ? { client_id, request_uri: await push(params) } : params
      const query = Object.entries(asked).flatMap(([name, given]) =>
        [given ?? []].flat().map((value): [string, string] => [name, value]),
      )
      return `${authorizePath}?${new URLSearchParams(query)}`
    },
  }
}
