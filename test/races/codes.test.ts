import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visit, Visitor } from '../support/http.ts'
import { race } from '../support/race.ts'
import { type Arrival, assertLive, crowd, deploy } from './deployment.ts'

const avouch = await deploy({ after })

const arrived = (visits: readonly Visit[]) =>
  visits.filter(({ left }) => left && new URL(left).searchParams.has('code'))

/** Runs the race, and asserts that one browser of all came back to the shop, with tokens that work. */
async function oneSignsIn(
  { person, request }: Arrival,
  redeem: (copy: Visitor) => Promise<Visit>,
): Promise<void> {
  const { shop, sql } = avouch
  const copies = Array.from({ length: crowd }, () => person.copy())
  const { won, lost } = await race(crowd, (index) => redeem(copies[index]!))
  assert.deepEqual(lost, [])
  const faults = won.filter(({ status }) => status >= 500)
  assert.deepEqual(
    faults.map(({ url, text }) => `${url} ${text}`),
    [],
  )
  const back = arrived(won)
  assert.equal(back.length, 1)

  const tokens = await shop.exchange(request, back[0]!.left!)
  await assertLive(shop, tokens)
  const sessions = await sql('select 1 from oidc_sessions where account_id = $1', [
    tokens.claims()!.sub,
  ])
  assert.equal(sessions.length, 1, 'there is one session')
}

test('of a hundred who redeem one code by text message, one signs in', async () => {
  const arrival = await avouch.arrive()
  await arrival.person.submit('identify', { identifier: '+1 201 555 0101' })
  const code = await avouch.mail.codeFor('+12015550101')
  await oneSignsIn(arrival, (copy) => copy.submit('verify/sms-code', { code }))
})

test('of a hundred who redeem one code by email, one signs in', async () => {
  const arrival = await avouch.arrive()
  await arrival.person.submit('identify', { identifier: 'ada@example.com' })
  const code = await avouch.mail.codeFor('ada@example.com')
  await oneSignsIn(arrival, (copy) => copy.submit('verify/email-code', { code }))
})

test('of a hundred who redeem one link by email, one signs in', async () => {
  const arrival = await avouch.arrive()
  await arrival.person.submit('identify', { identifier: 'bob@example.com' })
  await arrival.person.open(await avouch.mail.linkFor('bob@example.com'))
  await oneSignsIn(arrival, (copy) => copy.submit(({ action }) => action.includes('/l/')))
})

test('of a hundred wrong codes at most five are compared, and the right one then fails', async () => {
  await avouch.sql('delete from attempts')
  const { person } = await avouch.arrive()
  await person.submit('identify', { identifier: '+1 201 555 0102' })
  const code = await avouch.mail.codeFor('+12015550102')
  const wrong = (index: number) => String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0')
  const copies = Array.from({ length: crowd }, () => person.copy())
  const { won, lost } = await race(crowd, (index) =>
    copies[index]!.submit('verify/sms-code', { code: wrong(index) }),
  )
  assert.deepEqual(lost, [])
  assert.deepEqual(new Set(won.map(({ status }) => status)), new Set([422, 429]))

  const challenges = await avouch.sql<{ tries: number; used: boolean }>(
    `select tries, consumed_at is not null as used from challenges where identifier_value = $1`,
    ['+12015550102'],
  )
  assert.deepEqual(challenges, [{ tries: 5, used: false }])
  const locks = await avouch.sql('select failures, locks from attempts where failures > 1')
  assert.deepEqual(locks, [{ failures: 10, locks: 1 }], 'every try was counted, and locked once')

  const right = () => person.copy().submit('verify/sms-code', { code })
  assert.equal((await right()).status, 429)
  await avouch.sql('delete from attempts')
  assert.equal((await right()).status, 429, 'also once the lock is over')
})

test('a hundred browsers that ask for a code to one number at once cause one message', async () => {
  const people = (await race(crowd, () => avouch.arrive())).won
  assert.equal(people.length, crowd)
  const { won, lost } = await race(crowd, (index) =>
    people[index]!.person.submit('identify', { identifier: '+1 201 555 0103' }),
  )
  assert.deepEqual(lost, [])
  assert.equal(won.filter(({ status }) => status === 200).length, 1)
  assert.equal(won.filter(({ status }) => status === 429).length, crowd - 1)
  assert.ok(won.every(({ status, headers }) => status === 200 || headers.has('retry-after')))
  await avouch.mail.messageFor('+12015550103')
  assert.equal((await avouch.mail.messages('+12015550103')).length, 1)
})

test('a hundred presses of Send again cause one message', async () => {
  const { person } = await avouch.arrive()
  await person.submit('identify', { identifier: '+1 201 555 0104' })
  await avouch.mail.messageFor('+12015550104')
  await avouch.forgetSends()
  const { lost } = await race(crowd, () => person.copy().submit('resend'))
  assert.deepEqual(lost, [])
  await avouch.settled()
  assert.equal((await avouch.mail.messages('+12015550104')).length, 2)
})
