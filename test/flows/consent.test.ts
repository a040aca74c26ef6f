import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { giveCode, register } from './people.ts'
import {
  askSilently,
  assertOn,
  assertSignedIn,
  assertWhole,
  errorOf,
  openSite,
  tokensOf,
} from './site.ts'

const site = await openSite({ after }, {}, [
  { clientId: 'partner', registration: { client_name: 'Partner & Co', first_party: false } },
  {
    clientId: 'native',
    clientSecret: null,
    registration: { client_name: 'Native', application_type: 'native' },
  },
])
const [, partner, native] = site.parties as [unknown, typeof site.shop, typeof site.shop]
const byEmail = { amr: ['email', 'otp'], acr: 'aal1' } as const
const asked = { scope: 'openid email offline_access', prompt: 'consent' }

test('a third-party application is allowed once, and remembered', async () => {
  const { person, sub } = await register(site, 'anna@example.com')
  const arrival = await site.arrive({ scope: 'openid email' }, { person, party: partner })
  const page = person.here()
  assertOn(page, 'Allow Partner &amp; Co to use your account?')
  assert.match(page.text, /You are signed in as Anna Muster/)
  assert.ok(page.text.includes(new URL(partner.redirectUri).host), 'it says where one returns')
  await person.submit('consent', { decision: 'allow' })
  const tokens = await tokensOf(arrival)
  assert.equal(tokens.claims()!.sub, sub)
  assert.equal((await partner.userinfo(tokens)).email, 'anna@example.com')

  const again = await site.arrive({ scope: 'openid email' }, { person, party: partner })
  assert.ok(!again.person.here().hops.some((hop) => hop.includes('/interaction/')), 'not asked')
  await tokensOf(again)

  const elsewhere = await site.arrive({ scope: 'openid email' }, { party: partner })
  await giveCode(site, elsewhere.person, 'anna@example.com')
  assert.equal((await tokensOf(elsewhere)).claims()!.sub, sub, 'nor in another browser')
})

test('what it asks for on top is asked for again, and marked', async () => {
  const { person } = await register(site, 'ben@example.com')
  await site.arrive({ scope: 'openid email' }, { person, party: partner })
  await person.submit('consent', { decision: 'allow' })
  const more = await site.arrive({ scope: 'openid email profile' }, { person, party: partner })
  assertOn(person.here(), /^Allow Partner/)
  assert.equal(person.here().text.match(/New/g)?.length, 1)
  await person.submit('consent', { decision: 'deny' })
  assert.equal(errorOf(person.here()), 'access_denied')
  const before = await site.arrive({ scope: 'openid email' }, { person, party: partner })
  assert.equal((await tokensOf(before)).claims()!.name, undefined, 'what was allowed stays allowed')
  assert.ok(more)
})

test('who cancels returns to the application, which is told so', async () => {
  const { person } = await register(site, 'carla@example.com')
  const arrival = await site.arrive({ scope: 'openid email' }, { person, party: partner })
  await person.submit('consent', { decision: 'deny' })
  const back = new URL(person.here().left!)
  assert.equal(back.origin + back.pathname, partner.redirectUri)
  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.equal(back.searchParams.get('state'), arrival.request.state)
  assert.equal(back.searchParams.get('iss'), site.server.issuer)
  assert.equal(await askSilently(site, person), null, 'still signed in')
  assert.equal(
    errorOf(
      (
        await site.arrive({ scope: 'openid email', prompt: 'none' }, { person, party: partner })
      ).person.here(),
    ),
    'consent_required',
  )
})

test('a form without a decision decides nothing', async () => {
  const { person } = await register(site, 'dana@example.com')
  await site.arrive({ scope: 'openid' }, { person, party: partner })
  const { url } = person.here()
  for (const decision of ['', 'yes', 'ALLOW']) {
    const page = await person.post(`${url}/consent`, decision ? { decision } : {})
    assert.equal(page.status, 422)
    assertOn(page, /^Allow Partner/)
  }
})

test('a third-party application gets lasting access from who allows it', async () => {
  const arrival = await site.arrive(asked, { party: partner })
  await giveCode(site, arrival.person, 'emil@example.com')
  await arrival.person.submit('profile', { name: 'Emil' })
  assertOn(arrival.person.here(), /^Allow Partner/)
  await arrival.person.submit('consent', { decision: 'allow' })
  await assertWhole(site, arrival, byEmail)
})

test('an application of our own asks nobody, also where it asks to be allowed', async () => {
  const { person } = await register(site, 'fay@example.com')
  const arrival = await site.arrive(asked, { person })
  assert.ok(
    person.here().hops.some((hop) => hop.includes('/interaction/')),
    'it answers itself',
  )
  const tokens = await assertSignedIn({ ...arrival, at: arrival.at - 60 }, byEmail)
  assert.ok(tokens.refresh_token)
})

test('an application that others could pretend to be is confirmed each time', async () => {
  const { person, sub } = await register(site, 'gus@example.com')
  for (let times = 0; times < 2; times++) {
    const arrival = await site.arrive({}, { person, party: native })
    assertOn(person.here(), 'Allow Native to use your account?')
    await person.submit('consent', { decision: 'allow' })
    assert.equal((await tokensOf(arrival)).claims()!.sub, sub)
  }
  const silent = await site.arrive({ prompt: 'none' }, { person, party: native })
  assert.equal(errorOf(silent.person.here()), 'interaction_required')
})

test('one person consents for nobody else', async () => {
  const { person } = await register(site, 'hal@example.com')
  await site.arrive({ scope: 'openid' }, { person, party: partner })
  await person.submit('consent', { decision: 'allow' })
  const other = await register(site, 'ida@example.com')
  await site.arrive({ scope: 'openid' }, { person: other.person, party: partner })
  assertOn(other.person.here(), /^Allow Partner/)
})
