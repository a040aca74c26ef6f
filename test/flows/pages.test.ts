import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { visitor } from '../support/http.ts'
import { answerCode, giveCode, register } from './people.ts'
import { assertOn, assertSignedIn, headingOf, openSite, tokensOf } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: { identifiers: ['email', 'phone', 'username'] },
    resources: ['orders', 'stock'].map((name) => ({
      indicator: `https://${name}.example.com`,
      scopes: [`${name}:read`],
    })),
  },
  [{ clientId: 'pushing', registration: { require_pushed_authorization_requests: true } }],
)
const { mail, server, sql } = site
const pushing = site.parties[1]!
const byEmail = { amr: ['email', 'otp'], acr: 'aal1' } as const

const uidOf = (url: string) => new URL(url).pathname.split('/')[2]!
const expire = (url: string) =>
  sql(`update oidc_interactions set expires_at = now() - interval '1 minute' where uid = $1`, [
    uidOf(url),
  ])

test('an expired page offers to start again, and does', async () => {
  await register(site, 'anna@example.com')
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: 'anna@example.com' })
  const { url } = person.here()
  await expire(url)

  const late = await person.submit('verify/email-code', { code: '123456' })
  assert.equal(late.status, 410)
  assertOn(late, 'This sign-in has expired')
  const page = await person.open(url)
  assert.equal(page.status, 410)
  await person.submit('restart')
  assertOn(person.here(), /^Sign in/)
  assert.notEqual(uidOf(person.here().url), uidOf(url))
  await giveCode(site, person, 'anna@example.com')
  await assertSignedIn(arrival, byEmail)
})

test('a page without its cookie starts again as well', async () => {
  const { person } = await site.arrive({ login_hint: 'anna@example.com' })
  const elsewhere = visitor(server)
  assertOn(await elsewhere.open(person.here().url), 'This sign-in has expired')
  await elsewhere.submit('restart')
  assert.match(elsewhere.here().html, /value="anna@example\.com"/)
})

test('the page of a sign-in that is over goes on to the application', async () => {
  const { person, request } = await register(site, 'ben@example.com')
  const last = person.here().hops.find((hop) => hop.includes('/interaction/'))!
  await person.open(`/interaction/${uidOf(last)}`)
  assert.equal(person.here().status, 410)
  assertOn(person.here(), 'This sign-in is finished')
  await person.submit('restart')
  assert.ok(person.here().left?.startsWith(request.parameters.redirect_uri!), 'signed in already')
})

test('whoever goes on before all is proven comes back to the page that is due', async () => {
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'ben@example.com' })
  const { url } = person.here()
  await person.open(`/oidc/auth/${uidOf(url)}`)
  assert.equal(uidOf(person.here().url), uidOf(url))
  assertOn(person.here(), 'Check your email')
  const elsewhere = await visitor(server).open(`/oidc/auth/${uidOf(url)}`)
  assert.equal(elsewhere.status, 400, 'without its cookie it is nobody’s')
})

test('an unknown page has nothing to start again', async () => {
  const page = await visitor(server).open('/interaction/never-was')
  assert.equal(page.status, 410)
  assertOn(page, 'This sign-in has expired')
  assert.deepEqual(
    page.forms.filter(({ method }) => method === 'POST'),
    [],
  )
  assert.equal((await visitor(server).post('/interaction/never-was/restart', {})).status, 410)
})

test('two tabs are two sign-ins', async () => {
  const first = await site.arrive()
  const { person } = first
  const tab = person.here()
  const second = await site.arrive({}, { person })
  assert.notEqual(uidOf(person.here().url), uidOf(tab.url))
  const before = new Date()
  await person.submit('identify', { identifier: 'carla@example.com' })
  assertOn(await person.open(tab.url), /^Sign in/)
  await giveCode(site, person, 'dana@example.com')
  await person.submit('profile', { name: 'Dana' })
  assert.equal((await tokensOf(first)).claims()!.email, 'dana@example.com')

  await person.open(second.request.url)
  assert.ok(person.here().left, 'the other tab finds her signed in')
  assert.ok(await mail.codeFor('carla@example.com', before))
})

test('a code of one tab is worth nothing in another', async () => {
  const { person } = await site.arrive()
  const before = new Date()
  await person.submit('identify', { identifier: 'emil@example.com' })
  const code = await mail.codeFor('emil@example.com', before)
  const between = new Date()
  await site.arrive({}, { person })
  await person.submit('identify', { identifier: 'emil@example.com' })
  if ((await mail.codeFor('emil@example.com', between)) === code) return
  const wrong = await person.submit('verify/email-code', { code })
  assert.equal(wrong.status, 422)
})

test('another browser can not open or continue somebody’s sign-in', async () => {
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'fay@example.com' })
  const { url } = person.here()
  const thief = await site.arrive()
  assert.equal((await thief.person.open(url)).status, 410)
  const state = await (await server.fetch(`${url}/state`)).json()
  assert.deepEqual(state, { state: 'expired', delivery: null })
})

test('the waiting page learns that the link was opened in another tab', async () => {
  await register(site, 'gus@example.com')
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: 'gus@example.com' })
  const waiting = person.here()
  const path = /data-poll="([^"]+)"/.exec(waiting.html)![1]!
  const state = async () => JSON.parse((await person.copy().open(path)).html)
  const link = await mail.linkFor('gus@example.com', before)
  // The message is there a moment before it is noted that it is.
  while ((await state()).delivery === 'sending') await sleep(20)
  assert.deepEqual(await state(), { state: 'waiting', delivery: 'accepted' })

  const tab = person.copy()
  await tab.open(link)
  // The tab does not follow to the application.
  await server.fetch(link, {
    method: 'POST',
    headers: {
      cookie: tab.jar.header(new URL(link)),
      origin: server.baseUrl,
      'sec-fetch-site': 'same-origin',
    },
  })
  assert.deepEqual(await state(), { state: 'moved', delivery: 'accepted' })
  await person.open(waiting.url)
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
})

test('the pages speak the language that the application asks for', async () => {
  const german = await site.arrive({ ui_locales: 'xx de-CH en' })
  assert.match(german.person.here().html, /<html lang="de" dir="ltr"/)
  assert.equal(german.person.here().headers.get('content-language'), 'de')
  assert.match(headingOf(german.person.here()), /anmelden/i)
  const before = new Date()
  await german.person.submit('identify', { identifier: 'hal@example.com' })
  assert.equal((await mail.messageFor('hal@example.com', before)).locale, 'de')
  await answerCode(site, german.person, 'hal@example.com', before)
  await german.person.submit('profile', { name: 'Hal' })
  assert.equal((await tokensOf(german)).claims()!.locale, 'de')

  const arabic = await site.arrive({ ui_locales: 'ar' })
  assert.match(arabic.person.here().html, /<html lang="ar" dir="rtl"/)
  const wrong = await arabic.person.submit('identify', { identifier: '' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.html, /<html lang="ar" dir="rtl"/)
  assert.match(wrong.text, /\p{Script=Arabic}/u)
})

test('a person chooses another language, which is remembered', async () => {
  const { person } = await site.arrive({ ui_locales: 'de' })
  await person.open(`${person.here().url}?lang=ar`)
  assert.match(person.here().html, /<html lang="ar"/)
  await site.arrive({}, { person })
  assert.match(person.here().html, /<html lang="ar"/)
  await person.open(`${person.here().url}?lang=tlh`)
  assert.match(
    person.here().html,
    /<html lang="ar"/,
    'one that we have no words in changes nothing',
  )
})

test('what was typed is still there beside the error, and says what to do', async () => {
  const { person } = await site.arrive()
  const table: [string, RegExp][] = [
    ['', /Enter what you sign in with/],
    ['anna@', /Enter an email address in the format name@example\.com/],
    ['079 123 45 67 8 9 9', /Enter a phone number that receives text messages/],
    ['+1 900 555 0100', /Enter a phone number that receives text messages/],
    ['a@example.com, b@example.com', /Enter an email address in the format/],
    ['x!', /Enter a username of 3 to 32/],
  ]
  for (const [identifier, words] of table) {
    const page = await person.submit('identify', { identifier, region: 'CH' })
    assert.equal(page.status, 422, identifier)
    assert.match(page.text, words)
    assert.match(page.html, /<title>Error: /)
    const form = page.forms.find(({ names }) => names.has('identifier'))!
    assert.equal(form.values.identifier, identifier)
    assert.equal(form.values.region, 'CH')
  }
  const before = new Date()
  await person.submit('identify', { identifier: '079 123 45 67', region: 'CH' })
  assert.ok(await mail.codeFor('+41791234567', before), 'the country counts where there is no +')
})

test('the address of a form that found a fault leads back to its page', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  const { url } = person.here()
  const fault = await person.submit('identify', { identifier: 'no body@' })
  assert.equal(fault.status, 422)
  assert.match(new URL(fault.url).pathname, /\/identify$/)
  const page = await person.open(fault.url)
  assert.equal(page.status, 200)
  assert.equal(page.url, url)
  await person.submit('identify', { identifier: 'again@example.com' })
  const asked = person.here()
  const wrong = await person.submit('verify/email-code', { code: '12' })
  assert.equal(headingOf(await person.open(wrong.url)), headingOf(asked))
})

test('a name is asked for, and has to be one', async () => {
  const { person } = await site.arrive()
  await giveCode(site, person, 'ida@example.com')
  for (const [name, words] of [
    ['   ', /Enter your full name/],
    ['x'.repeat(101), /Enter a shorter name/],
  ] as const) {
    const page = await person.submit('profile', { name })
    assert.equal(page.status, 422)
    assert.match(page.text, words)
  }
  await person.submit('profile', { name: '<b>Ida</b> O’Hara-Žížala' })
  assert.ok(person.here().left)
})

test('a form that is sent twice at once does no harm', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  await giveCode(site, person, 'jo@example.com')
  const clicks = await Promise.all(
    [1, 2, 3].map(() => person.copy().submit('profile', { name: 'Jo' })),
  )
  const back = clicks.filter(({ left }) => left !== null)
  assert.ok(back.length >= 1)
  for (const { status } of clicks)
    assert.ok([303, 200, 400, 410, 422].includes(status), `${status}`)
  const people = await sql(`select 1 from identifiers where value = 'jo@example.com'`)
  assert.equal(people.length, 1)
  await site.shop.exchange(arrival.request, back[0]!.left!)
})

test('what a client has pushed begins again without being told to whoever has the address', async () => {
  const request = await pushing.push({ login_hint: 'anna@example.com', scope: 'openid' })
  const person = visitor(server)
  const { url } = await person.open(request.url)
  await expire(url)
  const stranger = await visitor(server).post(`${url}/restart`, {})
  const told = stranger.hops.join(' ')
  assert.doesNotMatch(told, /anna|nonce|state=|redirect_uri/)

  await person.open(url)
  await person.submit('restart')
  assertOn(person.here(), /^Sign in/)
  assert.match(person.here().html, /value="anna@example\.com"/)
  const before = new Date()
  await person.submit('identify', { identifier: 'anna@example.com' })
  await person.submit('verify/email-code', { code: await mail.codeFor('anna@example.com', before) })
  await pushing.exchange(request, person.here().left!)
})

test('several resources of a request are still several when it begins again', async () => {
  const resources = ['https://orders.example.com', 'https://stock.example.com']
  const request = await site.shop.authorize()
  const asked = new URL(request.url)
  for (const resource of resources) asked.searchParams.append('resource', resource)
  const person = visitor(server)
  const { url } = await person.open(asked)
  await expire(url)
  await person.open(url)
  await person.submit('restart')
  assertOn(person.here(), /^Sign in/)
  const again = person.here().hops.find((hop) => hop.includes('/oidc/auth?'))!
  assert.deepEqual(new URL(again).searchParams.getAll('resource'), resources)
})
