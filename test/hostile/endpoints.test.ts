import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startAttack, valuesOf } from './attack.ts'
import { authorization } from './corpus/authorization.ts'
import { redirectUris } from './corpus/redirects.ts'
import { structured } from './corpus/structured.ts'
import { texts } from './corpus/text.ts'
import { authorizations, proofs, strangers, tokenRequests } from './corpus/tokens.ts'
import { pooled } from './judge.ts'
import { bodySite, querySite, type Site } from './sites.ts'

const attack = await startAttack({ after })
const { shop, credentials, send, sendAll, ask } = attack
const parameters = { ...authorization, ...structured }
const asText = (values: readonly string[]) => values.map((text) => ({ text }))

const authorize = {
  ...(await shop.authorize({ scope: 'openid profile offline_access' })).parameters,
  client_id: 'shop',
  response_type: 'code',
}
const authorizing = (name: string): Site[] => [
  querySite(attack, '/oidc/auth', name, authorize),
  bodySite(attack, '/oidc/request', name, authorize),
]

const redemption = {
  grant_type: 'authorization_code',
  code: 'x',
  redirect_uri: shop.redirectUri,
  code_verifier: 'v'.repeat(43),
  client_id: 'shop',
  client_secret: 'x',
  scope: 'openid',
  resource: '',
}
const redeeming = Object.keys(redemption).map((name) =>
  bodySite(attack, '/oidc/token', name, redemption, {}),
)

const logoutParameters = [
  'id_token_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
  'logout_hint',
  'ui_locales',
]
const signingOut = [
  ...logoutParameters.map((name) =>
    querySite(attack, '/oidc/session/end', name, {
      client_id: 'shop',
      post_logout_redirect_uri: shop.signedOutUri,
    }),
  ),
  bodySite(attack, '/oidc/session/end/confirm', 'xsrf', { logout: 'yes' }, { accept: 'text/html' }),
]
const asking = ['introspection', 'revocation'].flatMap((endpoint) => [
  bodySite(attack, `/oidc/token/${endpoint}`, 'token'),
  bodySite(attack, `/oidc/token/${endpoint}`, 'token_type_hint', { token: 'a' }),
  bodySite(attack, `/oidc/token/${endpoint}`, 'client_id', { token: 'a' }, {}),
])
const connecting = [
  querySite(attack, '/oidc/device', 'user_code'),
  bodySite(attack, '/oidc/device/auth', 'scope', { client_id: 'shop' }),
  bodySite(attack, '/oidc/device/auth', 'client_id', { scope: 'openid' }, {}),
]
const userinfo = [
  querySite(attack, '/oidc/me', 'access_token'),
  bodySite(attack, '/oidc/me', 'access_token', {}, {}),
]
const pages = ['lang', 'mode', 'change'].map((name) => querySite(attack, '/oidc/device', name))

test('whatever any parameter of any endpoint holds stays a text', async () => {
  const all = Object.keys(parameters).flatMap(authorizing)
  const sites = [
    ...all,
    ...redeeming,
    ...signingOut,
    ...asking,
    ...connecting,
    ...userinfo,
    ...pages,
  ]
  await sendAll(sites, valuesOf(texts), 8)
})

test('nobody is sent to an address that is not registered', async () => {
  const values = asText(redirectUris(shop.redirectUri))
  await sendAll(
    [
      ...authorizing('redirect_uri'),
      querySite(attack, '/oidc/auth', 'redirect_uri', { ...authorize, prompt: 'none' }),
      querySite(attack, '/oidc/auth', 'redirect_uri', { ...authorize, response_type: 'token' }),
      querySite(attack, '/oidc/session/end', 'post_logout_redirect_uri', { client_id: 'shop' }),
    ],
    values,
  )
})

for (const [name, categories] of Object.entries(parameters)) {
  test(`an authorization request with a wrong ${name} is refused, or understood`, () =>
    sendAll(authorizing(name), valuesOf(categories)))
}

test('token requests that are wrong are refused', async () => {
  const found: string[] = []
  await pooled(tokenRequests, 6, async ({ fields }) => {
    const headers: Record<string, string> =
      'client_assertion' in fields ? {} : { authorization: credentials }
    const last = Object.keys(fields).at(-1)!
    const site = bodySite(attack, '/oidc/token', last, fields, headers)
    found.push(...(await send(site, { text: fields[last] ?? '' })))
  })
  assert.deepEqual(found, [])
})

test('tokens of nobody are not known, and open nothing', async () => {
  await sendAll(
    [
      ...asking,
      ...userinfo,
      querySite(attack, '/oidc/session/end', 'id_token_hint'),
      querySite(attack, '/oidc/auth', 'id_token_hint', { ...authorize, prompt: 'none' }),
    ],
    asText(strangers),
  )
})

test('a client or a token that a header names wrongly opens nothing', async () => {
  const found: string[] = []
  const body = () => new URLSearchParams({ grant_type: 'client_credentials', token: 'a' })
  const each = async (path: string, headers: Record<string, string>) => {
    const where = `${path} ${JSON.stringify(headers).slice(0, 120)}`
    found.push(...(await ask(where, path, { method: 'POST', body: body(), headers })))
  }
  const paths = ['/oidc/token', '/oidc/me', '/oidc/request', '/oidc/token/introspection']
  await pooled(paths, 4, async (path) => {
    for (const authorization of authorizations) await each(path, { authorization })
    for (const dpop of proofs) await each(path, { authorization: credentials, dpop })
  })
  for (const authorization of authorizations) {
    const headers = { authorization }
    const { status } = await attack.server.fetch(`${attack.server.baseUrl}/oidc/me`, { headers })
    if (status < 400) found.push(`userinfo for ${authorization}: ${status}`)
  }
  assert.deepEqual(found, [])
})

test('after all of that nothing was sent, and the log has no failure', () => {
  assert.ok(attack.requests() > 1000, `${attack.requests()} requests were judged`)
  assert.equal(attack.production.smtp.received.length, 0)
  assert.equal(attack.production.twilio.asked.length, 0)
  attack.assertLog()
})
