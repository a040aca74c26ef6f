import { accountClientId } from '#config/client-schema.ts'
import { type Client, newClient } from '#src/clients/index.ts'
import { type Keyring, randomToken } from '#src/lib/crypto.ts'
import type { StepUp } from '../fresh.ts'

export interface AccountClientDeps {
  baseUrl: string
  keys: Keyring
  /** Name of this installation, which people sign in to. */
  brand: () => string
  findClient: (clientId: string) => Promise<Client | null>
}

/**
 * Adds the account pages to the clients that are found: they are in no list. Whoever signs in to them
 * is signed in here, which is all that is wanted, so nobody redeems the code.
 */
export const withAccount = (deps: AccountClientDeps): AccountClientDeps['findClient'] => {
  let own: Client | null = null
  return async (clientId) => {
    if (clientId !== accountClientId) return deps.findClient(clientId)
    const name = deps.brand()
    if (own?.client_name !== name) own = accountClient(deps, name)
    return own
  }
}

const accountClient = ({ baseUrl, keys }: AccountClientDeps, client_name: string): Client =>
  newClient({
    client_id: accountClientId,
    client_secret: keys.mac('account client').toString('base64url'),
    client_name,
    redirect_uris: [`${baseUrl}/account/signed-in`],
    grant_types: ['authorization_code'],
    first_party: true,
  })

export interface SignInWish {
  /** Where on these pages to go afterwards. */
  to: string
  language: string
  /** A new proof, of this; null: being signed in will do. */
  asked: StepUp | null
}

/** Where a browser goes to sign in, or to prove more. */
export const signInPath = (baseUrl: string, { to, language, asked }: SignInWish): string =>
  `/oidc/auth?${new URLSearchParams({
    client_id: accountClientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${baseUrl}/account/signed-in`,
    state: to,
    // Nobody has what it is the hash of: the code can not be redeemed.
    code_challenge: randomToken(),
    code_challenge_method: 'S256',
    ui_locales: language,
    ...(asked ? { max_age: String(asked.maxAge), acr_values: asked.acr } : {}),
  })}`

const onThesePages = /^\/account(?:\/[\w./%~-]*)?(?:\?[\w.=&%+~-]*)?$/

/** The place that somebody wanted to go to, or the first page. */
export const readTo = (to: unknown): string => {
  const own = typeof to === 'string' && to.length <= 512 && onThesePages.test(to)
  return own && !to.includes('//') && !/^\/account\/(api|signed-in)/.test(to) ? to : '/account'
}
