import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { visitor } from '../support/http.ts'
import { answerCode, giveCode, register } from './people.ts'
import {
  askSilently,
  assertOn,
  assertSignedIn,
  assertWhole,
  errorOf,
  openSite,
  tokensOf,
} from './site.ts'

const site = await openSite({ after }, {}, [{ clientId: 'wiki' }])
const wiki = site.parties[1]!
const byEmail = { amr: ['email', 'otp'], acr: 'aal1' } as const

/** Presses the account with this name on the chooser. */
const accountOf = (html: string, name: string): string => {
  const [, id] =
    new RegExp(`name="account" value="([^"]+)"[^>]*>(?:<[^>]+>)*${name}<`).exec(html) ?? []
  assert.ok(id, `There is no account ${name}`)
  return id
}

test('who is signed in for one application is signed in for the next, without a page', async () => {
  const { person, sub } = await register(site, 'anna@example.com', 'Anna')
  const before = person.here().hops.length
  const arrival = await site.arrive({}, { person, party: wiki })
  assert.ok(before > 0 && !arrival.person.here().hops.some((hop) => hop.includes('/interaction/')))
  const tokens = await tokensOf(arrival)
  assert.equal(tokens.claims()!.sub, sub)
  assert.deepEqual([...(tokens.claims()!.amr as string[])].sort(), byEmail.amr)
  const silent = await site.arrive({ prompt: 'none' }, { person, party: wiki })
  assert.equal((await tokensOf(silent)).claims()!.sub, sub)
  assert.equal((await wiki.refresh(tokens)).claims()!.sub, sub)
})

test('an application that may show nothing learns whether somebody is signed in', async () => {
  const stranger = visitor(site.server)
  assert.equal(await askSilently(site, stranger), 'login_required')
  const { person, sub } = await register(site, 'ben@example.com', 'Ben')
  assert.equal(await askSilently(site, person), null)
  const hinted = await site.arrive({ prompt: 'none', max_age: '1000' }, { person })
  assert.equal((await tokensOf(hinted)).claims()!.sub, sub)
})

test('each application has a session of its own name, and signs out without the other', async () => {
  const shop = await register(site, 'carla@example.com', 'Carla')
  const shopTokens = await tokensOf({ ...shop, ...(await site.arrive({}, shop)) })
  const atWiki = await site.arrive({}, { person: shop.person, party: wiki })
  const wikiTokens = await tokensOf(atWiki)
  assert.notEqual(wikiTokens.claims()!.sid, shopTokens.claims()!.sid)

  await shop.person.open(site.shop.logoutUrl(shopTokens))
  await assert.rejects(site.shop.refresh(shopTokens), { error: 'invalid_grant' })
  assert.equal((await wiki.refresh(wikiTokens)).claims()!.sub, shop.sub, 'it stays connected')
  assert.equal(await askSilently(site, shop.person), 'login_required')
})

test('an application can have its person asked once more', async () => {
  const { person, sub } = await register(site, 'dana@example.com', 'Dana')
  const first = await tokensOf(await site.arrive({}, { person }))
  await sleep(1100)
  const before = new Date()
  const again = await site.arrive({ prompt: 'login' }, { person })
  assertOn(person.here(), 'Check your email')
  await answerCode(site, person, 'dana@example.com', before)
  const tokens = await assertSignedIn(again, byEmail)
  assert.equal(tokens.claims()!.sub, sub)
  assert.ok(tokens.claims()!.auth_time! > first.claims()!.auth_time!, 'auth_time is new')
})

test('an old sign-in is repeated where an application wants a fresh one', async () => {
  const { person } = await register(site, 'emil@example.com', 'Emil')
  const fresh = await site.arrive({ max_age: '600' }, { person })
  assert.ok(person.here().left, 'fresh enough')
  await tokensOf(fresh)
  await sleep(2100)
  assert.equal(await askSilently(site, person, { max_age: '1' }), 'login_required')
  const before = new Date()
  const again = await site.arrive({ max_age: '1' }, { person })
  assertOn(person.here(), 'Check your email')
  await answerCode(site, person, 'emil@example.com', before)
  await assertWhole(site, again, byEmail)
})

test('two people who share a browser choose who they are', async () => {
  const one = await register(site, 'fay@example.com', 'Fay')
  const { person } = one
  await site.arrive({ prompt: 'login' }, { person })
  await person.open(/href="([^"]+\?change=1)"/.exec(person.here().html)![1]!)
  await giveCode(site, person, 'gus@example.com')
  await person.submit('profile', { name: 'Gus' })
  assert.ok(person.here().left)

  const chooser = await site.arrive({ prompt: 'select_account' }, { person })
  assertOn(person.here(), 'Choose an account')
  assert.match(person.here().text, /Gus gus@example\.com Fay f•••@example\.com Signed out/)
  await person.submit('identify', { account: accountOf(person.here().html, 'Gus') })
  const gus = await tokensOf(chooser)
  assert.equal(gus.claims()!.name, 'Gus')

  const change = await site.arrive({ prompt: 'select_account' }, { person })
  const before = new Date()
  await person.submit('identify', { account: accountOf(person.here().html, 'Fay') })
  assertOn(person.here(), 'Check your email')
  await answerCode(site, person, 'fay@example.com', before)
  const fay = await assertSignedIn(change, byEmail)
  assert.equal(fay.claims()!.sub, one.sub)
  const now = await site.arrive({}, { person, party: wiki })
  assert.equal((await tokensOf(now)).claims()!.sub, one.sub, 'the browser is hers now')
})

test('who is not on the list uses another account', async () => {
  const { person } = await register(site, 'hal@example.com', 'Hal')
  const arrival = await site.arrive({ prompt: 'select_account' }, { person })
  const page = await person.submit('identify', { account: 'other' })
  assertOn(page, /^Sign in/)
  const href = /href="([^"]+\?choose=1)"/.exec(page.html)![1]!
  assertOn(await person.open(href), 'Choose an account')
  await person.submit('identify', { account: 'other' })
  await giveCode(site, person, 'ida@example.com')
  await person.submit('profile', { name: 'Ida' })
  const tokens = await assertSignedIn(arrival, byEmail)
  assert.equal(tokens.claims()!.name, 'Ida')
})

test('an account that this browser does not know can not be chosen', async () => {
  const { sub } = await register(site, 'jo@example.com', 'Jo')
  const { person } = await register(site, 'kim@example.com', 'Kim')
  await site.arrive({ prompt: 'select_account' }, { person })
  const refused = await person.post(`${person.here().url}/identify`, { account: sub })
  assert.equal(refused.status, 422)
  assertOn(refused, 'Choose an account')
  assert.doesNotMatch(refused.text, /Jo/)
})

test('after signing out the browser offers the account again, and asks for a proof', async () => {
  const { person } = await register(site, 'lea@example.com', 'Lea')
  const tokens = await tokensOf(await site.arrive({}, { person }))
  await person.open(site.shop.logoutUrl(tokens))
  const arrival = await site.arrive({}, { person })
  const href = /href="([^"]+\?choose=1)"/.exec(person.here().html)![1]!
  await person.open(href)
  const before = new Date()
  await person.submit('identify', { account: accountOf(person.here().html, 'Lea') })
  await answerCode(site, person, 'lea@example.com', before)
  await assertWhole(site, arrival, byEmail)
})

test('whoever sits at a browser that remembers somebody is not told their address', async () => {
  const { person } = await register(site, 'mona@example.com', 'Mona')
  const tokens = await tokensOf(await site.arrive({}, { person }))
  await person.open(site.shop.logoutUrl(tokens))
  await site.arrive({}, { person })
  const pages = [person.here()]
  const open = async (search: string) => {
    const { pathname, origin } = new URL(person.here().url)
    pages.push(await person.open(`${origin}${pathname}${search}`))
  }
  await open('?choose=1')
  assert.match(person.here().text, /Mona m•••@example\.com Signed out/)
  pages.push(await person.submit('identify', { account: accountOf(person.here().html, 'Mona') }))
  assert.match(person.here().text, /m•••@example\.com/)
  await open('')
  await open('?change=1')
  await open('?mode=reset')
  await open('')
  pages.push(await person.submit('start/password'))
  assertOn(person.here(), 'Enter your password')
  for (const { html, url } of pages) assert.doesNotMatch(html, /mona@/, url)
})

test('an application may say who it expects', async () => {
  const { person } = await site.arrive({ login_hint: 'max@example.com' })
  assert.equal(
    person.here().forms.find(({ names }) => names.has('identifier'))!.values.identifier,
    'max@example.com',
  )
  const before = new Date()
  await person.submit('identify')
  await site.mail.messageFor('max@example.com', before)
  const odd = await site.arrive({ login_hint: '"><script>alert(1)</script>' })
  assert.equal(odd.person.here().status, 200)
  assert.doesNotMatch(odd.person.here().html, /<script>alert/)
})

test('an ID token as a hint asks for that very person', async () => {
  const nina = await register(site, 'nina@example.com', 'Nina')
  const tokens = await tokensOf(await site.arrive({}, { person: nina.person }))
  const hint = { id_token_hint: tokens.id_token! }
  assert.equal(await askSilently(site, nina.person, hint), null)
  const other = await register(site, 'otto@example.com', 'Otto')
  assert.equal(await askSilently(site, other.person, hint), 'login_required')

  const asked = await site.arrive(hint, { person: other.person })
  assertOn(asked.person.here(), /^Sign in/)
  await giveCode(site, asked.person, 'nina@example.com')
  assert.equal((await tokensOf(asked)).claims()!.sub, nina.sub)

  const wrong = await site.arrive(hint)
  await giveCode(site, wrong.person, 'otto@example.com')
  assert.equal(errorOf(wrong.person.here()), 'login_required')
})
