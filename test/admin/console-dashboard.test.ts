import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { giveCode, giveName, register } from '../flows/people.ts'
import { openSite, tokensOf } from '../flows/site.ts'
import { becomeOwner } from './console.ts'

const site = await openSite({ after }, { sign_in_experience: { profile: ['name'] } })
const { owner } = await becomeOwner(site.server)
const path = `${site.server.baseUrl}/admin/dashboard`

/** The table of a picture, from its file. */
const tableOf = async (figure: string, search = ''): Promise<string[][]> => {
  const { status, headers, html } = await owner.open(`${path}/${figure}.csv?${search}`)
  assert.equal(status, 200, html)
  assert.match(headers.get('content-type') ?? '', /^text\/csv/)
  assert.match(headers.get('content-disposition') ?? '', /^attachment/)
  return html
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','))
}

/** Counting is a second or two behind. */
const until = async (figure: string, is: (rows: string[][]) => boolean) => {
  const deadline = Date.now() + 15_000
  for (;;) {
    const rows = await tableOf(figure, 'client=shop')
    if (is(rows)) return rows
    assert.ok(Date.now() < deadline, JSON.stringify(rows))
    await sleep(100)
  }
}

test('a picture that has nothing to show says what it will show', async () => {
  const { html, text, status } = await owner.open(`${path}?client=nobody`)
  assert.equal(status, 200)
  assert.match(text, /Once text messages are sent, this shows in which countries/)
  assert.match(text, /days and hours begin by UTC/)
  assert.doesNotMatch(html, /NaN|undefined/)
})

test('the numbers on the page are those of what happened', async () => {
  const mail = await site.arrive()
  const before = new Date()
  await mail.person.submit('identify', { identifier: 'ada@example.com' })
  const code = await site.mail.codeFor('ada@example.com', before)
  await mail.person.submit('verify/email-code', { code: code === '000000' ? '000001' : '000000' })
  await mail.person.submit('verify/email-code', { code })
  await giveName(mail.person, 'Ada')
  await tokensOf(mail)
  await register(site, '+41 79 123 45 67')
  const gone = await site.arrive()
  await gone.person.submit('identify', { identifier: '+41 79 123 45 68' })
  const again = await site.arrive()
  await giveCode(site, again.person, 'ada@example.com')
  await tokensOf(again)

  const all = await until('funnel-all', (rows) => rows[2]?.[1] === '3')
  assert.deepEqual(all, [
    ['Started', '4', '0', ''],
    ['Verified', '3', '1', 'incorrect_code 1'],
    ['Token issued', '3', '0', ''],
  ])
  assert.deepEqual(await until('funnel-sms', (rows) => rows[2]?.[1] === '2'), [
    ['Started', '2', '0', ''],
    ['Message asked for', '2', '0', ''],
    ['Accepted by the vendor', '2', '0', ''],
    ['Delivered', '', '0', ''],
    ['Verified', '1', '1', ''],
    ['Token issued', '1', '0', ''],
  ])
  assert.deepEqual(await tableOf('countries'), [['CH', '2', '2', '0', '0', '1', '0.5']])
  assert.deepEqual(await tableOf('methods', 'client=shop'), [
    ['email-code', '2', '0.6666666666666666'],
    ['sms-code', '1', '0.3333333333333333'],
  ])
  const signIns = await tableOf('sign-ins', 'client=shop')
  assert.equal(signIns.length, 30)
  assert.deepEqual(signIns.at(-1)!.slice(1), ['4', '3'])
  assert.equal((await tableOf('sign-ins', 'client=shop&range=24h')).length, 24)
  assert.equal((await tableOf('sign-ins', 'client=shop&range=7d')).length, 7)
  // The owner of this server is one of them.
  assert.deepEqual((await tableOf('total-users')).at(-1)?.[1], '3')
  const active = (await tableOf('active')).at(-1)!
  assert.deepEqual(active.slice(1), ['3', '3', '3'])

  const { text, html } = await owner.open(`${path}?client=shop`)
  for (const shown of [
    'Started: 4; completed: 3, 75%.',
    '75% 3 of 4 in the period',
    'Of 4 started, 3 came to the end, 75%.',
  ]) {
    assert.ok(text.includes(shown), shown)
  }
  assert.ok(/<svg class="chart" role="img" aria-label="[^"]+"/.test(html))
  // In the drawings.
  for (const shown of ['no receipts', '1 · 50%', '1 × wrong code', '− 1 lost']) {
    assert.ok(html.includes(shown), shown)
  }
})

test('filters are in the address, and every link keeps them', async () => {
  const { html } = await owner.open(`${path}?range=7d&client=shop&channel=sms`)
  assert.match(html, /href="\/admin\/dashboard\?range=24h&amp;client=shop&amp;channel=sms"/)
  assert.match(html, /countries\.csv\?range=7d&amp;client=shop&amp;channel=sms"/)
  assert.match(html, /<option value="shop" selected/)
  assert.doesNotMatch(html, /id="funnel-email"/)
  const today = new Date().toISOString().slice(0, 10)
  assert.equal((await tableOf('sign-ins', `since=${today}&until=${today}`)).length > 0, true)
})

test('a period that can not be is told beside its field', async () => {
  for (const search of ['since=2026-02-01&until=2026-01-01', 'since=yesterday', 'until=1']) {
    const { status, html } = await owner.open(`${path}?range=custom&${search}`)
    assert.equal(status, 422, search)
    assert.match(html, /id="field-(since|until)-error"/, search)
    assert.equal((await owner.open(`${path}/active.csv?range=custom&${search}`)).status, 422)
  }
  assert.equal((await owner.open(`${path}/moon.csv`)).status, 404)
  assert.equal((await owner.open(`${path}?client=${'x'.repeat(300)}`)).status, 422)
})

test('whoever may see the numbers is the help desk too, and nobody who is signed out', async () => {
  await site.sql("update admins set role = 'support'")
  assert.equal((await owner.open(path)).status, 200)
  await site.sql("update admins set role = 'owner'")
})
