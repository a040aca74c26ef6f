import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { optionsOf } from '../flows/passkeys.ts'
import { race } from '../support/race.ts'
import { type SoftAuthenticator, softAuthenticator } from '../support/soft-passkeys.ts'
import { type Arrival, assertLive, crowd, deploy } from './deployment.ts'

const avouch = await deploy({ after })
const { shop, sql, mail, servers } = avouch

/** At the offer of a passkey, after a sign-in by email. */
async function atOffer(email: string): Promise<Arrival> {
  const arrival = await avouch.arrive()
  await arrival.person.submit('identify', { identifier: email, passkey_support: 'ask' })
  await arrival.person.submit('verify/email-code', { code: await mail.codeFor(email) })
  return arrival
}

async function withPasskey(email: string): Promise<SoftAuthenticator> {
  const { person } = await atOffer(email)
  const authenticator = softAuthenticator({ origin: new URL(servers.baseUrl).origin })
  const { create } = await optionsOf(person)
  await person.submit('verify/passkey', { passkey: authenticator.create(create!) })
  return authenticator
}

test('of a hundred who send what one passkey has answered, one signs in', async () => {
  const authenticator = await withPasskey('vera@example.com')
  const { person, request } = await avouch.arrive()
  const { get } = await optionsOf(person)
  const passkey = authenticator.get(get!)
  const { won, lost } = await race(crowd, () => person.copy().submit('verify/passkey', { passkey }))
  assert.deepEqual(lost, [])
  const back = won.flatMap(({ left }) => left ?? [])
  const proofs = await sql(
    `select 1 from audit_events where event = 'verification.succeeded' and method = 'passkey'`,
  )
  assert.equal(proofs.length, 1, 'the answer counts once')
  const codes = await Promise.allSettled(
    [...new Set(back)].map((left) => shop.exchange(request, left)),
  )
  const tokens = codes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  assert.equal(tokens.length, 1, 'one sign-in comes back')
  await assertLive(shop, tokens[0]!)
})

test('of a hundred who answer elsewhere with it, none does', async () => {
  const authenticator = await withPasskey('walter@example.com')
  const first = await avouch.arrive()
  const { get } = await optionsOf(first.person)
  const passkey = authenticator.get(get!)
  const arrivals = await Promise.all(Array.from({ length: 4 }, () => avouch.arrive()))
  const { won } = await race(crowd, (index) =>
    arrivals[index % 4]!.person.copy().submit('verify/passkey', { passkey }),
  )
  assert.ok(won.every(({ left }) => left === null))
  await first.person.submit('verify/passkey', { passkey })
  assert.ok(first.person.here().left, 'where it belongs it still counts')
})

test('of a hundred who answer with one counter, one does', async () => {
  const origin = new URL(servers.baseUrl).origin
  const authenticator = softAuthenticator({ origin, counts: true })
  const { person } = await atOffer('xenia@example.com')
  const { create } = await optionsOf(person)
  await person.submit('verify/passkey', { passkey: authenticator.create(create!) })
  const ready = await race(crowd, async () => {
    const { person: copy } = await avouch.arrive()
    const { get } = await optionsOf(copy)
    return { copy, passkey: authenticator.get(get!, { counter: 7 }) }
  })
  assert.deepEqual(ready.lost, [])
  const { won, lost } = await race(crowd, (index) => {
    const { copy, passkey } = ready.won[index]!
    return copy.submit('verify/passkey', { passkey })
  })
  assert.deepEqual(lost, [])
  assert.equal(won.filter(({ left }) => left).length, 1)
  const copies = await sql(
    `select 1 from audit_events e join identifiers i on i.user_id = e.user_id
      where i.value = 'xenia@example.com' and e.event = 'factor.cloned'`,
  )
  assert.equal(copies.length, crowd - 1, 'each of the others is reported as a copy')
})

test('of a hundred who make one passkey of an answer, one does', async () => {
  const { person } = await atOffer('yann@example.com')
  const authenticator = softAuthenticator({ origin: new URL(servers.baseUrl).origin })
  const { create } = await optionsOf(person)
  const passkey = authenticator.create(create!)
  const { lost } = await race(crowd, () => person.copy().submit('verify/passkey', { passkey }))
  assert.deepEqual(lost, [])
  const made = await sql(
    `select 1 from passkeys p join identifiers i on i.user_id = p.user_id
      where i.value = 'yann@example.com'`,
  )
  assert.equal(made.length, 1)
  const noted = await sql(
    `select 1 from audit_events e join identifiers i on i.user_id = e.user_id
      where i.value = 'yann@example.com' and e.event = 'factor.added'`,
  )
  assert.equal(noted.length, 1)
})
