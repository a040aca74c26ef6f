import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { managementScopes } from '#src/admin/index.ts'
import { giveCode, giveName, register } from '../flows/people.ts'
import { generous, openSite, tokensOf } from '../flows/site.ts'
import { visitor } from '../support/http.ts'
import { ops } from './api.ts'

const site = await openSite(
  { after },
  { limits: generous, sign_in_experience: { profile: ['name'] } },
  [
    {
      clientId: 'ops',
      clientSecret: 'a-management-secret-for-tests-only-a-secret',
      registration: { grant_types: ['client_credentials'], api_scopes: managementScopes },
    },
  ],
)
const api = await ops(site.server)

const get = async (path: string) => {
  const { status, body } = await api.call('GET', path)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

/** Counting is a second or two behind. */
const counted = async (path: string, is: (body: ReturnType<typeof JSON.parse>) => boolean) => {
  const deadline = Date.now() + 15_000
  for (;;) {
    const body = await get(path)
    if (is(body)) return body
    assert.ok(Date.now() < deadline, JSON.stringify(body))
    await sleep(100)
  }
}

test('the timeline of a sign-in tells all of it in order', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: 'ada@example.com' })
  const code = await site.mail.codeFor('ada@example.com', before)
  const wrong = code === '000000' ? '000001' : '000000'
  await person.submit('verify/email-code', { code: wrong })
  const stranger = visitor(site.server)
  const link = await site.mail.linkFor('ada@example.com', before)
  await stranger.open(link)
  await stranger.open(link)
  await person.submit('verify/email-code', { code })
  await giveName(person, 'Ada')
  await tokensOf(arrival)

  const { data } = await get('/audit?event=token.issued&client=shop')
  const { interaction } = data[0]
  await counted(`/audit/interactions/${interaction}`, ({ data }) =>
    data.some(({ event }: { event: string }) => event === 'message.accepted'),
  )
  const timeline = await get(`/audit/interactions/${interaction}`)
  type Told = { event: string; result: string | null; client: string | null }
  const told = timeline.data.filter(({ event }: Told) => event !== 'message.accepted')
  assert.deepEqual(
    told.map(({ event, result }: Told) => `${event} ${result ?? ''}`.trim()),
    [
      'sign_in.started',
      'message.queued',
      'verification.failed incorrect_code',
      'link.opened other_browser',
      'verification.succeeded',
      'user.created',
      'sign_in.completed aal1',
      'token.issued',
    ],
  )
  for (const { event, client } of timeline.data) assert.equal(client, 'shop', event)
  const proof = told.find(({ event }: Told) => event === 'verification.succeeded')
  assert.equal(proof.channel, 'email')
  assert.equal(proof.method, 'email-code')
  assert.equal(proof.connector, 'inbox')
  assert.ok(proof.address && proof.reference)
  assert.equal(JSON.stringify(timeline).includes('ada@example'), false, 'no address of a person')
  assert.equal(JSON.stringify(timeline).includes(code), false)
})

test('the numbers show exactly what happened', async () => {
  await register(site, '+41 79 123 45 67')
  const gone = await site.arrive()
  await gone.person.submit('identify', { identifier: '+41 79 123 45 68' })
  const again = await site.arrive()
  await giveCode(site, again.person, 'ada@example.com')
  await tokensOf(again)

  const overview = await counted(
    '/statistics/overview',
    ({ signIns, users }) => signIns.issued === 3 && users.total === 2,
  )
  assert.deepEqual(overview.signIns, { started: 4, completed: 3, issued: 3, share: 0.75 })
  assert.deepEqual(overview.users, { total: 2, created: 2, deleted: 0 })
  const { day: _, ...active } = overview.active
  assert.deepEqual(active, { daily: 2, weekly: 2, monthly: 2 })
  assert.equal(overview.series.length, 30)
  assert.equal(overview.series.at(-1).started, 4)

  const funnel = await counted('/statistics/funnel', ({ channels }) =>
    channels.every(({ stages }: { stages: { count: number }[] }) => stages[2]!.count > 1),
  )
  type Channel = { channel: string; stages: { stage: string; count: number; losses: object[] }[] }
  const counts = Object.fromEntries(
    funnel.channels.map(({ channel, stages }: Channel) => [
      channel,
      stages.map((each) => each.count),
    ]),
  )
  // started, sent, accepted, delivered, verified, completed, issued
  assert.deepEqual(counts, {
    all: [4, 4, 4, 0, 3, 3, 3],
    email: [2, 2, 2, 0, 2, 2, 2],
    sms: [2, 2, 2, 0, 1, 1, 1],
  })
  const email = funnel.channels.find(({ channel }: Channel) => channel === 'email')
  assert.deepEqual(email.stages[4].losses, [{ reason: 'incorrect_code', count: 1 }])
  assert.deepEqual(email.links, [{ reason: 'other_browser', count: 1 }])
  assert.ok(email.times.medianSeconds <= 5)

  const { data: countries } = await get('/statistics/countries')
  assert.deepEqual(countries, [
    { country: 'CH', sent: 2, accepted: 2, failed: 0, delivered: 0, verified: 1, conversion: 0.5 },
  ])
  const { data: connectors } = await get('/statistics/connectors?channel=sms')
  assert.deepEqual(
    connectors.map(({ times: __, ...rest }: { times: unknown }) => rest),
    [{ connector: 'inbox', accepted: 2, delivered: 0, verified: 1, failed: 0, failures: [] }],
  )
  const { data: methods, signIns } = await get('/statistics/methods')
  assert.deepEqual(
    methods.map(({ method, succeeded, failed }: Record<string, unknown>) => [
      method,
      succeeded,
      failed,
    ]),
    [
      ['email-code', 2, 1],
      ['sms-code', 1, 0],
    ],
  )
  assert.equal(signIns.length, 2)

  const hours = await get(
    `/statistics/overview?since=${new Date(Date.now() - 86_400_000).toISOString()}`,
  )
  assert.equal(hours.grain, 'hour')
  assert.equal(hours.signIns.issued, 3)
  const none = await get('/statistics/overview?client=nobody')
  assert.equal(none.signIns.started, 0)
})

test('a period that ends before it begins is refused', async () => {
  const { status } = await api.call(
    'GET',
    '/statistics/funnel?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z',
  )
  assert.equal(status, 422)
  assert.equal((await api.call('GET', '/statistics/funnel?since=1990-01-01T00:00:00Z')).status, 422)
})
