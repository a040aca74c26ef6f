import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { answerPasskey, optionsOf, withSoftPasskey } from '../flows/passkeys.ts'
import { askSilently, assertOn, openSite } from '../flows/site.ts'
import { visitor } from '../support/http.ts'
import { softAuthenticator } from '../support/soft-passkeys.ts'
import { accessToken, apiOf, program } from './api.ts'
import { ownerEmail, ownerLink, ownerPassword } from './console.ts'
import { doing } from './console-people.ts'

const ops = program('ops')
const site = await openSite(
  { after },
  {
    sign_in_experience: { methods: ['email-code', 'password', 'passkey'], profile: ['name'] },
    passkeys: { related_origins: ['https://shop.example'] },
  },
  [{ clientId: 'ops', clientSecret: ops.client_secret, registration: ops }],
)
const { server } = site
const api = apiOf(server, await accessToken(server, 'ops'))
const origin = new URL(server.baseUrl).origin

test('passkeys are listed, and reset, which ends sessions', async () => {
  const { sub, arrival, authenticator } = await withSoftPasskey(site, 'dora@example.com', {
    synced: true,
    aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd',
  })
  const { body } = await api.call('GET', `/users/${sub}`)
  const [passkey] = body.credentials.passkeys
  assert.deepEqual(
    { ...passkey, createdAt: '', id: '' },
    {
      id: '',
      name: 'Apple Passwords',
      aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd',
      backedUp: true,
      createdAt: '',
      lastUsedAt: null,
    },
  )
  assert.equal(Buffer.from(passkey.id, 'base64url').length, 32)
  assert.equal('publicKey' in passkey, false)

  const reset = await api.call('POST', `/users/${sub}/reset-factors`, { factors: ['passkeys'] })
  assert.equal(reset.status, 200)
  assert.deepEqual(reset.body.credentials.passkeys, [])
  assert.equal(await askSilently(site, arrival.person), 'login_required')
  const { person } = await site.arrive()
  const page = await answerPasskey(person, authenticator)
  assert.match(page.text, /This passkey is not known here any more/)
  assert.match(page.html, /signalUnknownCredential/)
})

test('browsers find the sites that may use the passkeys of this one', async () => {
  const answer = await server.fetch(`${server.baseUrl}/.well-known/webauthn`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  assert.deepEqual(await answer.json(), { origins: ['https://shop.example'] })
})

test('the first owner may take a passkey instead of an app, and signs in with it alone', async () => {
  const { sub } = await withSoftPasskey(site, 'emma@example.com')
  const authenticator = softAuthenticator({ origin })
  const owner = visitor(server)
  await owner.open(await ownerLink(server))
  await owner.submit((form) => !form.action.endsWith('/sign-in'), {
    name: 'Olga Owner',
    email: ownerEmail,
    new_password: ownerPassword,
  })
  await owner.submit('identify', { identifier: ownerEmail })
  await owner.submit('verify/password', { password: ownerPassword })
  await owner.submit('verify/email-code', { code: await site.mail.codeFor(ownerEmail) })
  assertOn(owner.here(), 'Set up an authenticator app')
  await owner.submit('start/passkey')
  const { create } = await optionsOf(owner)
  await owner.submit('verify/passkey', { passkey: authenticator.create(create!) })
  assert.match(owner.here().url, /\/admin/)

  const again = visitor(server)
  await again.open(`${server.baseUrl}/admin/users/${sub}`)
  await answerPasskey(again, authenticator)
  assert.match(again.here().text, /Passkeys/)
  assert.match(again.here().text, /not used yet/)
  const page = await again.submit(doing('reset'), { factors: 'passkeys' })
  assert.equal(page.status, 200, page.text)
  assert.doesNotMatch(page.text, /not used yet/)
})
