import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { logOf } from './log.ts'

const server = await startServer({ after })
const log = logOf({ after }, server)
const { owner } = await becomeOwner(server)
const path = `${server.baseUrl}/admin/dashboard`

const dayMs = 86_400_000
const now = Date.now()
const daysAgo = (days: number) => new Date(now - days * dayMs)
const dayOf = (days: number) => daysAgo(days).toISOString().slice(0, 10)

type Happening = Record<string, unknown> & { event: string }

/** One sign-in, all of it in one moment. */
const signIn = (interaction: string, days: number, about: object, ...events: Happening[]) =>
  log.happened(
    ...[{ event: 'sign_in.started' }, ...events].map((each) => ({
      at: daysAgo(days),
      interaction_uid: interaction,
      client_id: 'shop',
      ...(each.event.startsWith('sign_in.') || each.event === 'token.issued' ? {} : about),
      ...each,
    })),
  )

const took = (seconds: number) => JSON.stringify({ tookMs: seconds * 1000 })
const texted = (connector: string, country: string) => ({ channel: 'sms', connector, country })
const mailed = { channel: 'email', connector: 'mail' }

await signIn(
  'delivered',
  3,
  { ...texted('one', 'CH'), method: 'sms-code' },
  { event: 'message.queued' },
  { event: 'message.accepted' },
  { event: 'message.delivered' },
  { event: 'verification.succeeded', detail: took(7) },
  { event: 'sign_in.completed', method: 'sms-code', user_id: 'ada' },
  { event: 'token.issued', user_id: 'ada' },
)
await signIn(
  'rejected',
  3,
  texted('one', 'NG'),
  { event: 'message.queued' },
  { event: 'message.failed', result: 'rejected' },
)
await signIn(
  'undelivered',
  2,
  texted('two', 'NG'),
  { event: 'message.queued' },
  { event: 'message.accepted' },
  { event: 'message.undelivered', result: 'undelivered' },
)
await signIn(
  'in two steps',
  2,
  mailed,
  { event: 'message.queued' },
  { event: 'message.accepted' },
  { event: 'link.opened', result: 'same_browser' },
  { event: 'verification.succeeded', method: 'email-link', detail: took(40) },
  { event: 'factor.added', method: 'totp', channel: null, connector: null },
  { event: 'sign_in.completed', method: 'email-link totp', user_id: 'bob' },
  { event: 'token.issued', user_id: 'bob' },
)
await signIn(
  'wrong password',
  0,
  {
    method: 'password',
  },
  { event: 'verification.failed', result: 'incorrect_password' },
)
await signIn(
  'too many messages',
  0,
  { channel: 'sms', country: 'CH' },
  { event: 'message.refused', result: 'too_many_sends' },
)
await signIn(
  'consent refused',
  0,
  mailed,
  { event: 'message.queued' },
  { event: 'message.accepted' },
  { event: 'link.opened', result: 'other_browser' },
  { event: 'verification.succeeded', method: 'email-code', detail: took(4) },
  { event: 'consent.refused', channel: null, connector: null },
)

const tableOf = async (figure: string, search: string): Promise<string[][]> => {
  const { status, html } = await owner.open(`${path}/${figure}.csv?${search}`)
  assert.equal(status, 200, html)
  return html
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','))
}

/** Counting is a second or two behind. */
const deadline = now + 15_000
while ((await tableOf('links', 'client=shop')).length < 2) {
  assert.ok(Date.now() < deadline, 'Nothing is counted')
  await sleep(100)
}

const week = 'range=7d&client=shop'
const none = (days: number): string[] => [dayOf(days), '0', '0']

const expected: Record<string, string[][]> = {
  'sign-ins': [
    none(6),
    none(5),
    none(4),
    [dayOf(3), '2', '1'],
    [dayOf(2), '2', '1'],
    none(1),
    [dayOf(0), '3', '0'],
  ],
  // Of all applications, so the owner of this server is here today, and at least 14 days.
  active: [
    ...Array.from({ length: 10 }, (_, at) => [dayOf(13 - at), '0', '0', '0']),
    [dayOf(3), '1', '1', '1'],
    [dayOf(2), '1', '2', '2'],
    [dayOf(1), '0', '2', '2'],
    [dayOf(0), '1', '3', '3'],
  ],
  'new-users': [...Array.from({ length: 13 }, (_, at) => none(13 - at)), [dayOf(0), '1', '0']],
  'total-users': [...Array.from({ length: 13 }, (_, at) => [dayOf(13 - at), '0']), [dayOf(0), '1']],
  'funnel-all': [
    ['Started', '7', '0', ''],
    ['Verified', '3', '4', 'incorrect_password 1'],
    ['Token issued', '2', '1', 'other 1'],
  ],
  'funnel-sms': [
    ['Started', '4', '0', ''],
    ['Message asked for', '3', '1', 'too_many_sends 1'],
    ['Accepted by the vendor', '2', '1', 'rejected 1'],
    ['Delivered', '1', '1', 'undelivered 1'],
    ['Verified', '1', '0', ''],
    ['Token issued', '1', '0', ''],
  ],
  'funnel-email': [
    ['Started', '2', '0', ''],
    ['Message asked for', '2', '0', ''],
    ['Accepted by the vendor', '2', '0', ''],
    ['Delivered', '', '0', ''],
    ['Verified', '2', '0', ''],
    ['Token issued', '1', '1', ''],
  ],
  times: [
    ...[
      [5, 1],
      [10, 1],
      [15, 0],
      [20, 0],
      [30, 0],
      [45, 1],
      [60, 0],
      [90, 0],
      [120, 0],
      [180, 0],
      [300, 0],
      [600, 0],
    ].map(([most, count]) => [`up to ${most} s`, String(count)]),
    ['over 600 s', '0'],
  ],
  countries: [
    ['NG', '2', '1', '1', '0', '0', '0'],
    ['CH', '1', '1', '0', '1', '1', '1'],
  ],
  failures: [
    ['one', 'rejected', '1', '1'],
    ['two', 'undelivered', '1', '1'],
    ['mail', '–', '0', '2'],
  ],
  methods: [
    ['email-link + totp', '1', '0.5'],
    ['sms-code', '1', '0.5'],
  ],
  links: [
    ['other_browser', '1'],
    ['same_browser', '1'],
  ],
}

for (const [figure, rows] of Object.entries(expected)) {
  test(`the table behind "${figure}" counts exactly what happened`, async () => {
    assert.deepEqual(await tableOf(figure, week), rows)
  })
}

test('second steps are told from first ones, and second factors are counted', async () => {
  const rows = await tableOf('second-step', week)
  assert.deepEqual(rows.slice(0, 2), [
    ['Two steps', '1'],
    ['One step', '1'],
  ])
  // One of them is the owner's.
  assert.ok(
    rows.some(([what, count]) => what === 'Set up: totp' && count === '2'),
    String(rows),
  )
})

test('a channel, an application and a day are picked out exactly', async () => {
  const bySms = `${week}&channel=sms`
  assert.deepEqual(await tableOf('funnel-sms', bySms), expected['funnel-sms'])
  assert.equal((await owner.open(`${path}/funnel-email.csv?${bySms}`)).status, 404)
  assert.deepEqual(await tableOf('links', bySms), [])
  const times = await tableOf('times', bySms)
  assert.deepEqual(
    times.filter(([, count]) => count !== '0'),
    [['up to 10 s', '1']],
  )
  const day = await tableOf('sign-ins', `client=shop&since=${dayOf(2)}&until=${dayOf(2)}`)
  const sum = (column: number) => day.reduce((total, row) => total + Number(row[column]), 0)
  assert.deepEqual([day.length, sum(1), sum(2)], [24, 2, 1])
  const other = await tableOf('sign-ins', 'range=7d&client=other')
  assert.ok(other.every(([, started, completed]) => started === '0' && completed === '0'))
})

/** What a cell of a page says, as the file writes it. */
const plain = (shown: string): string => {
  if (shown.endsWith('%')) return String(Number(shown.slice(0, -1)) / 100)
  return shown
}

test('every picture has a name that says what it shows, and a table with the same numbers', async () => {
  const { html } = await owner.open(`${path}?${week}`)
  const sections = html.split('<section class="figure"').slice(1)
  assert.equal(sections.length, 13)
  for (const section of sections) {
    const [, id = ''] = /id="([\w-]+)"/.exec(section)!
    const [, title = ''] = /<h2[^>]*>([^<]+)</.exec(section)!
    const [, name = ''] = /<svg class="chart" role="img" aria-label="([^"]+)"/.exec(section)!
    assert.ok(name.startsWith(`${title}: `) && name.length > title.length + 12, `${id}: ${name}`)
    assert.ok(section.includes(name.slice(title.length + 2)), `${id}: the sentence is shown`)
    const shown = [...section.matchAll(/<tr>(.*?)<\/tr>/gs)]
      .slice(1)
      .map(([, row = '']) =>
        [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => plain(cell)),
      )
    const file = await tableOf(id, week)
    const empty = (rows: string[][]) => rows.map((row) => row.map((cell) => cell.replace('–', '')))
    assert.deepEqual(empty(shown), empty(file), id)
  }
})
