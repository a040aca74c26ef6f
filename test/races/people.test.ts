import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visit } from '../support/http.ts'
import { race, spread } from '../support/race.ts'
import { type Arrival, assertLive, crowd, deploy } from './deployment.ts'
import { totp } from './totp.ts'

const password = 'quiet harbour lamps 42'
const several = 4

const avouch = await deploy(
  { after },
  { sign_in_experience: { identifiers: ['email', 'phone', 'username'] } },
)
const { shop, sql } = avouch

/** Signs up with a username, a password, an authenticator app and backup codes. */
async function signUp(username: string): Promise<{ secret: string; backupCodes: string[] }> {
  const { person, request } = await avouch.arrive(shop, { prompt: 'create' })
  await person.submit('identify', { identifier: username })
  const page = await person.submit('profile', { name: 'Uma', new_password: password })
  const secret = /<code id="totp-key"[^>]*>([^<]+)</.exec(page.html)?.[1] ?? ''
  const shown = await person.submit('verify/totp', { code: totp(secret) })
  const backupCodes = [...shown.html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code!)
  const { left } = await person.submit('profile', { saved: 'on' })
  assert.ok(await shop.exchange(request, left!))
  return { secret, backupCodes }
}

/** Browsers that have given the password and are asked for the second factor. */
const atSecondFactor = (username: string): Promise<Arrival[]> =>
  Promise.all(
    Array.from({ length: several }, async () => {
      const arrival = await avouch.arrive()
      await arrival.person.submit('identify', { identifier: username })
      await arrival.person.submit('verify/password', { password })
      return arrival
    }),
  )

/** Runs the race in all these browsers at once, and asserts that one of them comes back signed in. */
async function oneSignsIn(
  arrivals: readonly Arrival[],
  redeem: (copy: Arrival['person']) => Promise<Visit>,
): Promise<void> {
  const turn = spread(arrivals)
  const copies = Array.from({ length: crowd }, (_, index) => turn(index).person.copy())
  const { won, lost } = await race(crowd, (index) => redeem(copies[index]!))
  assert.deepEqual(lost, [])
  const back = won.flatMap(({ left }, index) => (left ? [{ left, ...turn(index) }] : []))
  assert.equal(back.length, 1)
  const [{ left, request }] = back as [Arrival & { left: string }]
  const tokens = await shop.exchange(request, left)
  await assertLive(shop, tokens)
  const proofs = await sql(
    `select 1 from audit_events where event = 'sign_in.completed' and user_id = $1`,
    [tokens.claims()!.sub],
  )
  assert.equal(proofs.length, 2, 'one sign-in beside the first')
}

test('of a hundred who type one code of an authenticator app, one signs in', async () => {
  const { secret } = await signUp('uma')
  const arrivals = await atSecondFactor('uma')
  // That of this half-minute was spent to enrol.
  const code = totp(secret, 1)
  await oneSignsIn(arrivals, (copy) => copy.submit('verify/totp', { code }))
})

test('of a hundred who type one backup code, one signs in', async () => {
  const { backupCodes } = await signUp('ulf')
  assert.equal(backupCodes.length, 10)
  const arrivals = await atSecondFactor('ulf')
  await Promise.all(arrivals.map(({ person }) => person.submit('start/backup-code')))
  const code = backupCodes[3]!
  await oneSignsIn(arrivals, (copy) => copy.submit('verify/backup-code', { code }))
  const left = await sql('select cardinality(macs) as left from backup_codes order by 1')
  assert.deepEqual(left, [{ left: 9 }, { left: 10 }])
})

test('a hundred who sign up with one phone number at once become one account', async () => {
  const phone = '+12015550105'
  const arrivals: Arrival[] = []
  for (let number = 0; number < crowd / 5; number += 1) {
    const arrival = await avouch.arrive()
    const asked = new Date()
    await avouch.forgetSends()
    await arrival.person.submit('identify', { identifier: phone })
    const code = await avouch.mail.codeFor(phone, asked)
    await arrival.person.submit('verify/sms-code', { code })
    arrivals.push(arrival)
  }
  const turn = spread(arrivals)
  const { won, lost } = await race(crowd, (index) =>
    turn(index)
      .person.copy()
      .submit('profile', { name: `Vera ${index}` }),
  )
  assert.deepEqual(lost, [])
  const owners = await sql(`select user_id from identifiers where value = $1`, [phone])
  assert.equal(owners.length, 1)
  assert.equal((await sql(`select 1 from users where name like 'Vera%'`)).length, 1)

  const back = won.flatMap(({ left }, index) => (left ? [{ left, ...turn(index) }] : []))
  assert.equal(new Set(back.map(({ request }) => request.state)).size, arrivals.length)
  for (const { left, request } of back) {
    const tokens = await shop.exchange(request, left)
    assert.equal(tokens.claims()!.sub, (owners[0] as { user_id: string }).user_id)
  }
})
