import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnsecuredJWT } from 'jose'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { canBeImpersonated, type ModelClient } from '#src/oidc/clients.ts'
import { prompts } from '#src/oidc/prompts.ts'
import { defaultSettings } from '#src/settings/index.ts'

interface Situation {
  params?: Record<string, string>
  claims?: object
  session?: { accountId?: string; acr?: string }
  account?: object | undefined
  result?: object
}

const context = ({ params = {}, claims = {}, session = {}, result, ...rest }: Situation) => {
  const account = 'account' in rest ? rest.account : session.accountId && {}
  return { oidc: { params, claims, session, result, account } } as unknown as KoaContextWithOIDC
}

const nothing = {
  secondFactors: { isMissing: async () => false },
  isCarried: async () => false,
}

/** Whether one check of the sign-in asks for something. */
const asks = (reason: string, situation: Situation) =>
  prompts(() => defaultSettings, nothing)
    .get('login')!
    .checks.get(reason)!
    .check(context(situation))

const anna = { accountId: 'anna', acr: 'aal1' }
const hintOf = (sub: string) => new UnsecuredJWT({ sub }).encode()
const acr = (value: object) => ({ id_token: { acr: value } })

test('an account is chosen or made before somebody signs in, and consent comes last', () => {
  assert.deepEqual(
    prompts(() => defaultSettings, nothing).map(({ name }) => name),
    ['select_account', 'create', 'login', 'consent'],
  )
})

test('a sign-in reaches what was asked for, or more', () => {
  for (const [had, asked, needed] of [
    ['aal1', 'aal1', false],
    ['aal1', 'aal2', true],
    ['aal2', 'aal2', false],
    ['aal2', 'aal1', false],
    ['aal2', 'phr', true],
    ['aal1', 'aal2 aal1', false],
    ['aal1', 'urn:unknown', false],
    ['aal1', '', false],
  ] as const) {
    const situation = { params: { acr_values: asked }, session: { ...anna, acr: had } }
    assert.equal(asks('acr', situation), needed, `${had} for ${asked}`)
  }
})

test('what is missing is asked for once, and then it is unmet', () => {
  const params = { acr_values: 'aal2' }
  assert.equal(asks('acr', { params, session: anna }), true)
  assert.throws(
    () => asks('acr', { params, session: anna, result: { login: { accountId: 'anna' } } }),
    errors.UnmetAuthenticationRequirements,
  )
})

test('what nobody knows is unmet if it is essential, and ignored if it is not', () => {
  const session = anna
  assert.equal(asks('acr', { session, claims: acr({ value: 'urn:x' }) }), false)
  assert.throws(
    () => asks('acr', { session, claims: acr({ essential: true, value: 'urn:x' }) }),
    errors.UnmetAuthenticationRequirements,
  )
})

test('the person of a hint is asked for once, and nobody else will do', () => {
  const hint = (sub: string) => ({ params: { id_token_hint: hintOf(sub) } })
  assert.equal(asks('id_token_hint', { session: anna }), false)
  assert.equal(asks('id_token_hint', { session: anna, ...hint('anna') }), false)
  assert.equal(asks('id_token_hint', { session: anna, ...hint('ben') }), true)
  assert.equal(asks('id_token_hint', { ...hint('ben') }), true)
  const signedIn = { session: anna, result: { login: { accountId: 'anna' } } }
  assert.equal(asks('id_token_hint', { ...signedIn, ...hint('anna') }), false)
  assert.throws(() => asks('id_token_hint', { ...signedIn, ...hint('ben') }), errors.LoginRequired)
})

test('whoever is signed in but has no account any more is asked anew', () => {
  assert.equal(asks('no_account', { session: anna }), false)
  assert.equal(asks('no_account', {}), false)
  assert.equal(asks('no_account', { session: anna, account: undefined }), true)
})

const client = (tokenEndpointAuthMethod: string) => ({ tokenEndpointAuthMethod }) as ModelClient

test('an application without a secret that is answered on the device could be anybody', () => {
  for (const [method, uri, could] of [
    ['none', 'com.example.app:/callback', true],
    ['none', 'http://127.0.0.1:8080/callback', true],
    ['none', 'http://[::1]/callback', true],
    ['none', 'http://localhost/callback', true],
    ['none', 'https://app.example.com/callback', false],
    ['client_secret_basic', 'http://127.0.0.1/callback', false],
    ['private_key_jwt', 'com.example.app:/callback', false],
    ['none', undefined, false],
  ] as const) {
    assert.equal(canBeImpersonated(client(method), uri), could, `${method} ${uri}`)
  }
})
