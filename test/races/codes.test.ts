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
  assert.deepEqual(faults.map(({ url, text }) => `${url} ${text}`), [])
  const kinds: Record<string,number> = {}
  for (const v of won) { const k = `${v.status} ${v.left ? 'left' : new URL(v.url).pathname.replace(/[\w-]{20,}/,'X')} ${v.text.slice(0,150)}`; kinds[k] = (kinds[k] ?? 0) + 1 }
  console.log(kinds)
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
