/** Links that sign in the very browser in which they are opened, with the code of the message. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Visitor, visitor } from '../support/http.ts'
import { giveName, register } from './people.ts'
import { askSilently, assertOn, assertSignedIn, assertWhole, openSite, tokensOf } from './site.ts'

const begins = 'https://here.example/sign-in?from=link'
const registration = { link_mode: 'sign_in_here', initiate_login_uri: begins }
const site = await openSite(
  { after },
  {
    sign_in_experience: {
      methods: ['email-link', 'email-code', 'password'],
      link_mode: 'sign_in_here',
    },
  },
  [
    { clientId: 'here', registration },
    { clientId: 'elsewhere', registration },
  ],
)
const { mail, server } = site
const [, party, other] = site.parties as [
  unknown,
  (typeof site.parties)[0],
  (typeof site.parties)[0],
]

/** Somebody who waits, and the message that another device has got. */
const waiting = async (email: string, of = party) => {
  const arrival = await site.arrive({}, { party: of })
  const before = new Date()
  const { url: base } = await arrival.person.submit('identify', { identifier: email })
  const { link, code } = await mail.messageFor(email, before)
  return { arrival, base, link: link!, code: code! }
}

/** Types the code there, and does what the application then has to do: sends the browser back. */
const signInHere = async (phone: Visitor, link: string, code: string) => {
  await phone.open(link)
  const left = (await phone.submit(({ names }) => names.has('code'), { code })).left
  const at = Math.floor(Date.now() / 1000) - 1
  const url = new URL(left ?? assert.fail(phone.here().text))
  const login_hint = url.searchParams.get('login_hint')!
  const arrival = await site.arrive({ login_hint }, { person: phone, party })
  // It was proven before the application had asked.
  return { url, arrival: { ...arrival, at } }
}

const newPhone = () => visitor(server, { 'accept-language': 'en' })

test('with the code of the message, the browser that has opened the link is signed in', async () => {
  await register(site, 'tom@example.com')
  const { arrival, base, link, code } = await waiting('tom@example.com')
  const phone = newPhone()
  assertOn(await phone.open(link), 'Continue where you started')
  assert.match(phone.here().text, /You sign in to Shop as tom@example\.com/)
  for (const typed of ['', '1', code === '123456' ? '654321' : '123456']) {
    const refused = await phone.submit(({ names }) => names.has('code'), { code: typed })
    assert.equal(refused.status, 422, typed)
    assert.equal(refused.left, null)
  }
  assert.match(phone.here().text, /4/, 'tries are counted')

  const { url, arrival: there } = await signInHere(phone, link, code)
  assert.equal(`${url.origin}${url.pathname}`, 'https://here.example/sign-in')
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    from: 'link',
    iss: server.issuer,
    login_hint: 'tom@example.com',
  })
  await assertWhole(site, there, { amr: ['email'], acr: 'aal1' })

  const first = await arrival.person.open(base)
  assert.match(first.text, /You have gone on in another browser/)
  const late = await arrival.person.post(`${base}/verify/email-code`, { code })
  assert.equal(late.status, 422)
  assert.equal(await askSilently(site, arrival.person), 'login_required')
  assertOn(await newPhone().open(link), 'This link was already used')
})

test('whoever is signed in there as somebody else becomes who the message was for', async () => {
  const phone = newPhone()
  const somebodyElse = await register(site, 'una@example.com', 'Una', { person: phone })
  const wanted = await register(site, 'vic@example.com')
  const { link, code } = await waiting('vic@example.com')
  const { arrival } = await signInHere(phone, link, code)
  const { sub } = (await tokensOf(arrival)).claims()!
  assert.equal(sub, wanted.sub)
  assert.notEqual(sub, somebodyElse.sub)
})

test('somebody new makes their account there', async () => {
  const { link, code } = await waiting('wim@example.com')
  const { arrival } = await signInHere(newPhone(), link, code)
  await giveName(arrival.person, 'Wim')
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
})

test('what was typed for one application begins a sign-in at no other, and only once', async () => {
  await register(site, 'xan@example.com')
  const { link, code } = await waiting('xan@example.com')
  const phone = newPhone()
  await phone.open(link)
  await phone.submit(({ names }) => names.has('code'), { code })
  const hint = { login_hint: 'xan@example.com' }
  const foreign = await site.arrive(hint, { person: phone.copy(), party: other })
  assert.equal(foreign.person.here().left, null)
  const stranger = await site.arrive(hint, { person: newPhone(), party })
  assert.equal(stranger.person.here().left, null, 'another browser has proven nothing')
  const without = await site.arrive({}, { person: phone.copy(), party })
  assert.equal(without.person.here().left, null)
  const own = await site.arrive(hint, { person: phone.copy(), party })
  await assertSignedIn({ ...own, at: own.at - 60 }, { amr: ['email'], acr: 'aal1' })
  const again = await site.arrive(hint, { person: phone.copy(), party })
  assert.equal(again.person.here().left, null)
})

test('an application that can not begin a sign-in has its links show the code', async () => {
  await register(site, 'yva@example.com')
  const { link } = await waiting('yva@example.com', site.shop)
  const page = await newPhone().open(link)
  assertOn(page, 'Continue where you started')
  assert.ok(page.forms.every(({ names }) => !names.has('code')))
})

test('a message that resets a password begins nothing elsewhere', async () => {
  await register(site, 'zoe@example.com')
  const arrival = await site.arrive({}, { party })
  const before = new Date()
  await arrival.person.open(`${arrival.person.here().url}?mode=reset`)
  await arrival.person.submit('identify', { identifier: 'zoe@example.com' })
  const { link } = await mail.messageFor('zoe@example.com', before)
  const page = await newPhone().open(link!)
  assert.ok(
    page.forms.every(({ names }) => !names.has('code')),
    page.text,
  )
})

test('another site signs nobody in to an account of its own, with a link and its code', async () => {
  await register(site, 'mallory@example.com')
  const { link, code } = await waiting('mallory@example.com')
  const victim = newPhone()
  await victim.open(link)
  const posted = await victim.post(
    link,
    { code },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  )
  assert.deepEqual([posted.status, posted.left], [403, null])
  const begun = await site.arrive({ login_hint: 'mallory@example.com' }, { person: victim, party })
  assert.equal(begun.person.here().left, null, 'nothing was proven in that browser')
  assert.equal((await victim.post(link, { code })).left?.startsWith(begins.split('?')[0]!), true)
})
