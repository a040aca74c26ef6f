import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeJwt, importJWK, SignJWT } from 'jose'
import { visitor } from '../support/http.ts'
import { relyingParty, type Tokens } from '../support/relying-party.ts'
import { database, type Member, newMember, refuses, startProvider } from './provider.ts'

const offline = { scope: 'openid offline_access' }

const shop = await relyingParty({ after })
const forum = await relyingParty(
  { after },
  {
    clientId: 'forum',
    registration: { client_name: 'Forum', id_token_signed_response_alg: 'ES256' },
  },
)
const server = await startProvider({ after }, [shop, forum])
const sql = database({ after }, server)

const isSignedIn = async ({ browser }: Member) => {
  const { url } = await shop.authorize({ prompt: 'none' })
  const { left } = await browser.copy().open(url)
  return new URL(left!).searchParams.has('code')
}
const works = ({ access_token: token }: Tokens) =>
  server
    .fetch(`${server.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })
    .then(({ status }) => status === 200)
const asks = (name: string) => (form: { names: ReadonlySet<string> }) => form.names.has(name)
const leaving = (form: { names: ReadonlySet<string> }) =>
  form.names.has('logout') && !form.names.has('everywhere')

test('an application that shows the ID token of this session signs out without a question', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop, offline)
  const url = shop.logoutUrl(tokens, { state: 'a state & more' })
  const visit = await anna.browser.open(url)
  const { origin, pathname, searchParams } = new URL(visit.left!)
  assert.equal(origin + pathname, shop.signedOutUri)
  assert.equal(searchParams.get('state'), 'a state & more')
  assert.equal(visit.hops.length, 1)
  assert.equal(visit.headers.get('clear-site-data'), '"cache", "storage"')
  assert.equal(await isSignedIn(anna), false)
  await refuses(shop.refresh(tokens), 'invalid_grant')
  assert.equal(await works(tokens), false)
})

test('the refresh tokens of other applications outlive it, and their other tokens do not', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop, offline)
  const kept = await anna.signIn(forum, offline)
  await anna.browser.open(shop.logoutUrl(tokens))
  assert.ok(await forum.refresh(kept))
  await refuses(shop.refresh(tokens), 'invalid_grant')

  const ben = newMember(server)
  const own = await ben.signIn(shop)
  const bound = await ben.signIn(forum)
  assert.ok(await works(bound))
  await ben.browser.open(shop.logoutUrl(own))
  assert.equal(await works(bound), false)
})

test("signing out here leaves the same person's other browsers and their tokens alone", async () => {
  const there = newMember(server)
  const tokens = await there.signIn(shop, offline)
  const here = newMember(server, there.phone)
  const others = await here.signIn(shop, offline)
  assert.equal(others.claims()!.sub, tokens.claims()!.sub)
  await here.browser.open(shop.logoutUrl(others))
  await refuses(shop.refresh(others), 'invalid_grant')
  assert.ok(await shop.refresh(tokens))
  assert.ok(await works(tokens))
  assert.ok(await isSignedIn(there))
})

test('without a hint the person is asked, and may stay', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop, offline)
  const page = await anna.browser.open(`${server.issuer}/session/end`)
  assert.equal(page.status, 200)
  assert.ok(page.forms.some(asks('everywhere')))
  assert.ok(await isSignedIn(anna))
  assert.ok(await shop.refresh(tokens))
})

test('the page names the application and the account, and ends the session when told to', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop, offline)
  const url = new URL(`${server.issuer}/session/end`)
  url.searchParams.set('client_id', 'shop')
  url.searchParams.set('post_logout_redirect_uri', shop.signedOutUri)
  url.searchParams.set('state', 's')
  const page = await anna.browser.open(url)
  assert.match(page.text, /Shop/)
  assert.ok(page.text.replace(/\D/g, '').includes(anna.phone.slice(-4)))
  assert.match(page.headers.get('cache-control') ?? '', /no-store/)
  assert.equal(page.headers.get('clear-site-data'), null, 'the person may still stay')
  const visit = await anna.browser.submit(leaving)
  assert.equal(visit.left, `${shop.signedOutUri}?state=s`)
  assert.equal(visit.headers.get('clear-site-data'), '"cache", "storage"')
  assert.equal(await isSignedIn(anna), false)
  await refuses(shop.refresh(tokens), 'invalid_grant')
})

test('without an application to go back to, a page of ours says that it is done', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  await anna.browser.open(`${server.issuer}/session/end`)
  const visit = await anna.browser.submit(leaving)
  assert.equal(visit.left, null)
  assert.equal(visit.status, 200)
  assert.equal(await isSignedIn(anna), false)
})

test('signing out everywhere ends every session and every token of the person, and of nobody else', async () => {
  const anna = newMember(server)
  const here = await anna.signIn(shop, offline)
  const other = await anna.signIn(forum, offline)
  const second = newMember(server, anna.phone)
  const there = await second.signIn(shop, offline)
  const ben = newMember(server)
  const bens = await ben.signIn(shop, offline)

  await anna.browser.open(`${server.issuer}/session/end`)
  await anna.browser.submit(asks('everywhere'))
  for (const member of [anna, second]) assert.equal(await isSignedIn(member), false)
  for (const [party, tokens] of [
    [shop, here],
    [forum, other],
    [shop, there],
  ] as const) {
    await refuses(party.refresh(tokens), 'invalid_grant')
    assert.equal(await works(tokens), false)
  }
  assert.ok(await isSignedIn(ben))
  assert.ok(await shop.refresh(bens))
})

test('nobody is sent to an address that is not registered', async () => {
  const addresses = ['', '/', '?x=1', '#f', '/../signed-out'].map(
    (more) => shop.signedOutUri + more,
  )
  for (const uri of [
    ...addresses.slice(1),
    'https://evil.example/',
    'javascript:alert(1)',
    '//evil.example',
  ]) {
    const anna = newMember(server)
    const tokens = await anna.signIn(shop)
    const visit = await anna.browser.open(shop.logoutUrl(tokens, { post_logout_redirect_uri: uri }))
    assert.equal(visit.left, null, uri)
    assert.equal(visit.status, 400, uri)
    assert.doesNotMatch(visit.html, /href="[^"]*evil/)
  }
})

test('an address without an application to vouch for it is ignored', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const url = `${server.issuer}/session/end?post_logout_redirect_uri=https://evil.example/&state=x`
  await anna.browser.open(url)
  const visit = await anna.browser.submit(leaving)
  assert.equal(visit.left, null)
  assert.equal(await isSignedIn(anna), false)
})

test('whoever is not signed in is sent back, or told that they are signed out', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop)
  await anna.browser.open(shop.logoutUrl(tokens))
  for (const browser of [anna.browser, visitor(server)]) {
    const back = await browser.open(shop.logoutUrl(tokens, { state: 'again' }))
    assert.equal(back.left, `${shop.signedOutUri}?state=again`)
    const page = await browser.open(`${server.issuer}/session/end`)
    assert.equal(page.left, null)
    assert.equal(page.status, 200)
    assert.equal(page.forms.some(asks('logout')), false)
  }
})

test('a hint of another session or of another person signs nobody out unasked', async () => {
  const anna = newMember(server)
  const before = await anna.signIn(shop)
  await anna.browser.open(shop.logoutUrl(before))
  const now = await anna.signIn(shop)
  const old = await anna.browser.open(shop.logoutUrl(before))
  assert.equal(old.left, null)
  assert.ok(old.forms.some(leaving))
  assert.ok(await isSignedIn(anna))

  const bens = await newMember(server).signIn(shop)
  const foreign = await anna.browser.open(shop.logoutUrl(bens))
  assert.equal(foreign.left, null)
  assert.ok(await isSignedIn(anna))
  assert.ok(await works(now))
})

test('a forged or broken hint gets a page and changes nothing', async () => {
  const anna = newMember(server)
  const { id_token: idToken } = await anna.signIn(shop)
  const [header, payload, signature] = idToken!.split('.')
  const key = await importJWK({ kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0' }, 'HS256')
  const forged = await new SignJWT(decodeJwt(idToken!))
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key)
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const hints = [
    forged,
    `${none}.${payload}.`,
    `${header}.${payload}.${signature!.slice(0, -4)}AAAA`,
    `${header}.${Buffer.from('{"sub":"x","aud":"shop"}').toString('base64url')}.${signature}`,
    'x',
    'a.b.c',
    '..',
  ]
  for (const hint of hints) {
    const visit = await anna.browser.open(
      shop.logoutUrl({ id_token: hint } as Tokens, { state: 'x' }),
    )
    assert.equal(visit.left, null, hint)
    assert.equal(visit.status, 400, hint)
  }
  const mixed = await anna.browser.open(
    shop.logoutUrl({ id_token: idToken } as Tokens, { client_id: 'forum' }),
  )
  assert.equal(mixed.status, 400)
  assert.ok(await isSignedIn(anna))
})

test('a form from another site signs nobody out', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  await anna.browser.open(`${server.issuer}/session/end`)
  const forged = await anna.browser.post(`${server.issuer}/session/end/confirm`, {
    logout: 'yes',
    everywhere: 'yes',
    xsrf: 'guessed',
  })
  assert.equal(forged.status, 400)
  assert.ok(await isSignedIn(anna))
})

test('signing out is written down', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop)
  await anna.browser.open(shop.logoutUrl(tokens))
  const rows = await sql('select event from audit_events where user_id = $1', [
    tokens.claims()!.sub,
  ])
  assert.ok(rows.some(({ event }) => event === 'sign_out'))
})
