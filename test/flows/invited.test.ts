import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, accessToken, apiOf, program } from '../admin/api.ts'
import { race } from '../support/race.ts'
import { answerCode, giveName } from './people.ts'
import { assertOn, openSite, type Site, tokensOf } from './site.ts'

const ops = program('ops')

const open = async (experience: object): Promise<{ site: Site; api: Api }> => {
  const site = await openSite(
    { after },
    {
      sign_in_experience: { methods: ['email-code', 'sms-code', 'password'], ...experience },
      limits: { failures: 100 },
    },
    [{ clientId: 'ops', clientSecret: ops.client_secret, registration: ops }],
  )
  return { site, api: apiOf(site.server, await accessToken(site.server, 'ops')) }
}

const byDomain = await open({
  registration: 'domains',
  registration_domains: ['Work.example', 'bücher.example'],
})
const byInvitation = await open({ registration: 'invited' })

/** What is on its way is left to the server, which alone writes how it went. */
async function untilSent(site: Site): Promise<void> {
  const deadline = Date.now() + 10_000
  const left = () => site.sql(`select 1 from deliveries where state in ('queued', 'sending')`)
  while ((await left()).length > 0) {
    assert.ok(Date.now() < deadline, 'a message is not sent')
    await sleep(20)
  }
}

/** What somebody sees who gives an identifier and then wrong answers, without what names it. */
async function pagesFor({ site }: { site: Site }, identifier: string): Promise<string[]> {
  const { person } = await site.arrive()
  const pages: string[] = []
  const keep = () => {
    const { status, text, url } = person.here()
    const path = new URL(url).pathname.split('/').slice(3)
    const plain = text.replaceAll(identifier.split('@')[0]!, '…').replaceAll(/\d+ s\w+/g, '…')
    pages.push(`${status} ${path} ${plain}`)
  }
  await person.submit('identify', { identifier })
  keep()
  const { url } = person.here()
  await untilSent(site)
  for (const state of ['sending', 'failed', 'unknown']) {
    await site.sql('update deliveries set state = $1', [state])
    pages.push((await person.copy().open(`${url}/state?proven=0`)).html)
  }
  await person.submit('verify/email-code', { code: '000000' })
  keep()
  await person.open(url)
  await person.submit('start/password')
  keep()
  return pages
}

const addKnown = (site: Site, value: string) =>
  site.sql(
    `with made as (insert into users (id) values ($1) returning id)
     insert into identifiers (user_id, type, value, display, verified_at)
     select id, 'email', $1, $1, now() from made`,
    [value],
  )

const registerBy = async (site: Site, to: string) => {
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: to })
  await answerCode(site, arrival.person, to, before)
  await giveName(arrival.person, 'Nina New')
  return tokensOf(arrival)
}

test('addresses of the domains that are listed register, however they are written', async () => {
  const { site } = byDomain
  for (const to of ['nina@work.example', 'nina@xn--bcher-kva.example']) {
    const tokens = await registerBy(site, to)
    assert.equal(tokens.claims()!.email, to)
  }
})

test('where domains are listed, all other addresses look the same, and unknown ones get nothing', async () => {
  const { site } = byDomain
  await addKnown(site, 'kim@other.example')
  const known = await pagesFor(byDomain, 'kim@other.example')
  const unknown = await pagesFor(byDomain, 'lea@other.example')
  assert.deepEqual(unknown, known)
  assert.equal((await site.mail.messages('kim@other.example')).length, 1)
  for (const to of ['lia@other.example', 'lea@sub.work.example']) {
    const { person } = await site.arrive({ prompt: 'create' })
    await person.submit('identify', { identifier: to })
    assertOn(person.here(), 'Check your email')
    assert.deepEqual(await site.mail.messages(to), [])
  }
})

test('an invitation lets its address register, once', async () => {
  const { site, api } = byInvitation
  const { status, body } = await api.call('POST', '/invitations', {
    type: 'email',
    value: 'Mia@Example.com',
  })
  assert.equal(status, 201)
  assert.equal(body.state, 'open')
  const again = await api.call('POST', '/invitations', { type: 'email', value: 'mia@example.com' })
  assert.equal(again.status, 409)

  const tokens = await registerBy(site, 'mia@example.com')
  const { data } = (await api.call('GET', '/invitations')).body
  assert.equal(data[0].state, 'accepted')
  assert.equal(data[0].userId, tokens.claims()!.sub)
  const late = await api.call('POST', '/invitations', { type: 'email', value: 'mia@example.com' })
  assert.equal(late.status, 409)
  assert.equal(late.body.errors[0].path, 'value')

  await api.call('DELETE', `/users/${tokens.claims()!.sub}`)
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'mia@example.com' })
  assert.equal((await site.mail.messages('mia@example.com')).length, 1, 'not a second time')
})

test('an invitation is sent with a link to where to begin, and without a code', async () => {
  const { site, api } = byInvitation
  for (const [type, value, locale] of [
    ['email', 'sent@example.com', 'de'],
    ['phone', '+12015550188', 'en'],
  ]) {
    const body = { type, value, locale, send: true, clientId: 'shop' }
    assert.equal((await api.call('POST', '/invitations', body)).status, 201)
    const message = await site.mail.messageFor(value!)
    assert.equal(message.usageType, 'OrganizationInvitation')
    assert.deepEqual([message.code, message.link], [null, site.server.baseUrl])
    assert.match(
      message.text,
      locale === 'de' ? /^Sie sind zu Shop eingeladen/ : /^You are invited/,
    )
    assert.doesNotMatch(message.text, /code|#/i)
    assert.doesNotMatch(message.html ?? '', /class="code"|undefined|\{\{/)
  }
  const unknown = { type: 'email', value: 'x@example.com', clientId: 'nobody' }
  const refused = await api.call('POST', '/invitations', unknown)
  assert.equal(refused.status, 422)
  assert.equal(refused.body.errors[0].path, 'clientId')
})

test('who is invited, who is known and who is neither look the same', async () => {
  const { site, api } = byInvitation
  await addKnown(site, 'known@example.com')
  await api.call('POST', '/invitations', { type: 'email', value: 'guest@example.com' })
  const known = await pagesFor(byInvitation, 'known@example.com')
  assert.deepEqual(await pagesFor(byInvitation, 'guest@example.com'), known)
  assert.deepEqual(await pagesFor(byInvitation, 'alien@example.com'), known)
  assert.equal((await site.mail.messages('guest@example.com')).length, 1)
  assert.deepEqual(await site.mail.messages('alien@example.com'), [])
})

test('an invitation that is taken back, or has expired, opens nothing', async () => {
  const { site, api } = byInvitation
  const invite = (value: string) => api.call('POST', '/invitations', { type: 'email', value })
  const { body } = await invite('taken@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'taken@example.com' })
  assert.equal((await api.call('DELETE', `/invitations/${body.id}`)).status, 204)
  assert.equal((await api.call('DELETE', `/invitations/${body.id}`)).status, 404)
  const page = await answerCode(site, arrival.person, 'taken@example.com', before)
  assert.equal(page.status, 403)
  assert.deepEqual(
    await site.sql(`select 1 from identifiers where value = 'taken@example.com'`),
    [],
  )

  await invite('slow@example.com')
  await site.sql(`update invitations set expires_at = now() where identifier_value like 'slow%'`)
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'slow@example.com' })
  assert.deepEqual(await site.mail.messages('slow@example.com'), [])
  const listed = (await api.call('GET', '/invitations')).body.data
  assert.equal(listed[0].state, 'expired')
  assert.equal((await invite('slow@example.com')).status, 201, 'and is made anew')
})

test('a hundred who come by one invitation at once become one account', async () => {
  const { site, api } = byInvitation
  await api.call('POST', '/invitations', { type: 'phone', value: '+1 201 555 0199' })
  const arrivals: Awaited<ReturnType<Site['arrive']>>[] = []
  for (let number = 0; number < 4; number += 1) {
    const arrival = await site.arrive()
    const before = new Date()
    await site.sql('delete from send_limits')
    await arrival.person.submit('identify', { identifier: '+12015550199' })
    await answerCode(site, arrival.person, '+12015550199', before)
    arrivals.push(arrival)
  }
  const { lost } = await race(100, (index) =>
    arrivals[index % arrivals.length]!.person.copy().submit('profile', { name: 'Nora' }),
  )
  assert.deepEqual(lost, [])
  assert.equal((await site.sql(`select 1 from users where name = 'Nora'`)).length, 1)
})
