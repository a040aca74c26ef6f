import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { ask, database, newMember, startProvider } from './provider.ts'

const grant = 'urn:ietf:params:oauth:grant-type:device_code'

/** An application without a secret on a television, and one that others made. */
const device = (clientId: string, name: string, firstParty: boolean) =>
  relyingParty(
    { after },
    {
      clientId,
      clientSecret: null,
      registration: {
        client_name: name,
        first_party: firstParty,
        redirect_uris: [],
        post_logout_redirect_uris: [],
        grant_types: [grant, 'refresh_token'],
      },
    },
  )

const tv = await device('tv', 'Living-Room TV', true)
const gadget = await device('gadget', 'Gadget <b>', false)
const shop = await relyingParty({ after })
const server = await startProvider({ after }, [tv, gadget, shop])
const sql = database({ after }, server)

const start = async (clientId = 'tv', scope = 'openid phone offline_access') => {
  const { status, body } = await ask(
    server,
    'device/auth',
    { client_id: clientId, scope },
    { 'user-agent': 'TV/1.0' },
  )
  assert.equal(status, 200)
  return body
}

const poll = (deviceCode: string, clientId = 'tv') =>
  ask(server, 'token', { grant_type: grant, client_id: clientId, device_code: deviceCode })

const confirm = { confirm: 'yes' }
const which = (name: string) => (form: { names: ReadonlySet<string> }) => form.names.has(name)

test('a device gets a code to show, the address to type it at, and is told to wait', async () => {
  const { body } = await ask(server, 'device/auth', { client_id: 'tv', scope: 'openid' })
  assert.match(body.user_code, /^[A-Z]{4}-[A-Z]{4}$/)
  assert.equal(body.verification_uri, `${server.issuer}/device`)
  assert.equal(
    body.verification_uri_complete,
    `${server.issuer}/device?user_code=${body.user_code}`,
  )
  assert.equal(body.expires_in, 600)
  assert.equal((await poll(body.device_code)).body.error, 'authorization_pending')
})

test('a person types the code, sees which application asks, allows it and signs in; the device gets tokens', async () => {
  const anna = newMember(server)
  const { device_code, user_code } = await start()
  const first = await anna.browser.open(`${server.issuer}/device`)
  assert.equal(first.status, 200)
  const asks = await anna.browser.submit(which('user_code'), {
    user_code: user_code.toLowerCase().replace('-', ' '),
  })
  assert.match(asks.text, /Living-Room TV/)
  assert.ok(asks.text.includes(user_code))
  assert.match(asks.text, /TV\/1\.0/)
  assert.equal((await poll(device_code)).body.error, 'authorization_pending')

  await anna.browser.submit(which('confirm'))
  assert.equal((await poll(device_code)).body.error, 'authorization_pending')
  const done = await anna.prove()
  assert.equal(done.status, 200)
  assert.ok(done.url.startsWith(`${server.issuer}/device/`))
  assert.equal(done.forms.some(which('user_code')), false)

  const tokens = await poll(device_code)
  assert.equal(tokens.status, 200)
  assert.ok(tokens.body.refresh_token)
  const claims = JSON.parse(
    Buffer.from(tokens.body.id_token.split('.')[1]!, 'base64url').toString(),
  )
  assert.equal(claims.phone_number, anna.phone)
  assert.deepEqual([claims.aud, claims.acr, claims.amr], ['tv', 'aal1', ['otp', 'sms']])
  const refreshed = await ask(server, 'token', {
    grant_type: 'refresh_token',
    client_id: 'tv',
    refresh_token: tokens.body.refresh_token,
  })
  assert.equal(refreshed.status, 200)
  assert.equal((await poll(device_code)).body.error, 'invalid_grant')
})

test('a link with the code in it fills the field in and waits for the person', async () => {
  const { user_code, verification_uri_complete, device_code } = await start()
  const browser = visitor(server)
  const page = await browser.open(verification_uri_complete)
  assert.equal(page.status, 200)
  const form = page.forms.find(which('user_code'))
  assert.equal(form?.values.user_code, user_code)
  assert.doesNotMatch(page.html, /\.submit\(|onload=/)
  assert.doesNotMatch(page.text, /Living-Room TV/)
  assert.equal((await poll(device_code)).body.error, 'authorization_pending')
  assert.match((await browser.submit(which('user_code'))).text, /Living-Room TV/)
})

test('whoever is signed in already confirms, and is not asked who they are', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { device_code, verification_uri_complete } = await start()
  await anna.browser.open(verification_uri_complete)
  await anna.browser.submit(which('user_code'))
  const done = await anna.browser.submit(which('confirm'))
  assert.equal(done.status, 200)
  assert.match(done.text, /device|TV/i)
  assert.equal((await poll(device_code)).status, 200)
})

test('an application of others is also asked about in words before it gets anything', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { device_code, user_code } = await start('gadget')
  await anna.browser.open(`${server.issuer}/device`)
  const asks = await anna.browser.submit(which('user_code'), { user_code })
  assert.match(asks.text, /Gadget <b>/)
  assert.doesNotMatch(asks.html, /Gadget <b>/)
  const consent = await anna.browser.submit(which('confirm'))
  assert.ok(consent.forms.some(({ action }) => action.endsWith('/consent')))
  assert.equal((await poll(device_code, 'gadget')).body.error, 'authorization_pending')
  await anna.browser.submit('consent', { decision: 'allow' })
  assert.ok((await poll(device_code, 'gadget')).body.refresh_token)

  const again = await start('gadget', 'openid profile')
  await anna.browser.open(`${server.issuer}/device`)
  await anna.browser.submit(which('user_code'), { user_code: again.user_code })
  await anna.browser.submit(which('confirm'))
  const denied = await anna.browser.submit('consent', { decision: 'deny' })
  assert.ok(denied.status < 500)
  assert.equal((await poll(again.device_code, 'gadget')).body.error, 'access_denied')
})

test('a person who did not ask for this says no, and the device hears it', async () => {
  const { device_code, user_code } = await start()
  const browser = visitor(server)
  await browser.open(`${server.issuer}/device`)
  await browser.submit(which('user_code'), { user_code })
  const page = await browser.submit(which('abort'))
  assert.ok(page.status < 500)
  assert.ok(page.text.length > 20)
  assert.equal((await poll(device_code)).body.error, 'access_denied')
  assert.match((await poll(device_code)).body.error, /access_denied|invalid_grant/)
})

test('a wrong, empty, used or expired code gets the same page again with a reason', async () => {
  const browser = visitor(server)
  const used = await start()
  await browser.open(`${server.issuer}/device`)
  await browser.submit(which('user_code'), { user_code: used.user_code })
  await browser.submit(which('abort'))
  const old = await start()
  await sql(`update oidc_device_codes set expires_at = now() - interval '1 second'`)

  const said = new Set<string>()
  for (const user_code of [
    '',
    'BBBB-BBBB',
    used.user_code,
    old.user_code,
    '<script>',
    'x'.repeat(4000),
  ]) {
    await browser.open(`${server.issuer}/device`)
    const page = await browser.submit(which('user_code'), { user_code })
    assert.equal(page.status, 422, user_code.slice(0, 20))
    assert.ok(page.forms.some(which('user_code')))
    assert.doesNotMatch(page.html, /<script>/)
    said.add(page.text)
  }
  assert.ok(said.size >= 3, 'the reasons differ')
  assert.equal((await poll(old.device_code)).body.error, 'expired_token')
})

test('only the device that asked gets the tokens', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { device_code, user_code } = await start()
  await anna.browser.open(`${server.issuer}/device`)
  await anna.browser.submit(which('user_code'), { user_code })
  await anna.browser.submit(which('confirm'))
  assert.equal((await poll(device_code, 'gadget')).body.error, 'invalid_grant')
  assert.equal((await poll(`${device_code}x`)).body.error, 'invalid_grant')
  assert.equal((await poll(user_code)).body.error, 'invalid_grant')
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => poll(device_code)))
  const winners = answers.filter(({ status }) => status === 200)
  assert.equal(winners.length, 1)
  const me = await server.fetch(`${server.issuer}/me`, {
    headers: { authorization: `Bearer ${winners[0]!.body.access_token}` },
  })
  assert.equal(me.status, 200)
})

test('a device code that comes again later ends what was given for it', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { device_code, user_code } = await start()
  await anna.browser.open(`${server.issuer}/device`)
  await anna.browser.submit(which('user_code'), { user_code })
  await anna.browser.submit(which('confirm'))
  const { body } = await poll(device_code)
  await sql(`update oidc_device_codes set consumed_at = consumed_at - interval '11 seconds'`)
  assert.equal((await poll(device_code)).body.error, 'invalid_grant')
  const me = await server.fetch(`${server.issuer}/me`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  })
  assert.equal(me.status, 401)
})

test('two devices of one person are independent of each other, and of the browser', async () => {
  const anna = newMember(server)
  const session = await anna.signIn(shop)
  const connect = async () => {
    const { device_code, user_code } = await start()
    await anna.browser.open(`${server.issuer}/device`)
    await anna.browser.submit(which('user_code'), { user_code })
    await anna.browser.submit(which('confirm'))
    return (await poll(device_code)).body
  }
  const [one, two] = [await connect(), await connect()]
  const refresh = (token: string) =>
    ask(server, 'token', { grant_type: 'refresh_token', client_id: 'tv', refresh_token: token })
  await ask(server, 'token/revocation', { client_id: 'tv', token: one.refresh_token })
  assert.equal((await refresh(one.refresh_token)).body.error, 'invalid_grant')
  const next = await refresh(two.refresh_token)
  assert.equal(next.status, 200)
  await anna.browser.open(shop.logoutUrl(session))
  assert.equal((await refresh(next.body.refresh_token)).status, 200)
})

test('a form from another site confirms nothing', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { device_code, user_code } = await start()
  await anna.browser.open(`${server.issuer}/device`)
  const forged = await anna.browser.post(`${server.issuer}/device`, {
    ...confirm,
    user_code,
    xsrf: 'x',
  })
  assert.ok(forged.status >= 400 && forged.status < 500)
  const none = await anna.browser.post(`${server.issuer}/device`, { ...confirm, user_code })
  assert.ok(none.status >= 400 && none.status < 500)
  assert.equal((await poll(device_code)).body.error, 'authorization_pending')
})

test('an application that has not registered for it starts nothing', async () => {
  const { status, body } = await ask(server, 'device/auth', { client_id: 'shop', scope: 'openid' })
  assert.ok(status === 400 || status === 401)
  assert.match(body.error, /invalid_client|unauthorized_client|invalid_request/)
})
