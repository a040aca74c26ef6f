import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { totpCode } from '../browser/authenticator.ts'
import { answerCode, enrolTotp, giveCode, givePassword, goodPassword } from './people.ts'
import { assertOn, assertSignedIn, openSite, tokensOf } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['password', 'email-link', 'sms-code'],
      profile: ['password'],
    },
  },
)
const { mail, sql } = site

interface Imported {
  sub: string
  key: string
}

/**
 * An account as an import leaves it: a password and an authenticator app that somebody has set, and
 * an email address that nobody has proven. Another, proven, identifier may stay.
 */
async function importAccount(email: string): Promise<Imported> {
  const arrival = await site.arrive({ prompt: 'create', acr_values: 'aal2' })
  await giveCode(site, arrival.person, email)
  await arrival.person.submit('profile', { new_password: goodPassword })
  assertOn(arrival.person.here(), 'Enter your password')
  await arrival.person.submit('verify/password', { password: goodPassword })
  const { key } = await enrolTotp(arrival.person)
  const { sub } = (await tokensOf(arrival)).claims()!
  await sql('update identifiers set verified_at = null where user_id = $1', [sub])
  return { sub, key }
}

const credentials = async (sub: string) => {
  const [row] = await sql<{ password: boolean; totp: boolean; codes: boolean; proven: number }>(
    `select exists (select from passwords where user_id = $1) as password,
            exists (select from totp_secrets where user_id = $1) as totp,
            exists (select from backup_codes where user_id = $1) as codes,
            (select count(*)::int from identifiers
              where user_id = $1 and verified_at is not null) as proven`,
    [sub],
  )
  return row
}

test('an imported person proves the address during the first sign-in with the password, and keeps that', async () => {
  const { sub } = await importAccount('anna@example.com')
  const arrival = await site.arrive()
  await givePassword(arrival.person, 'anna@example.com')
  assertOn(arrival.person.here(), 'Open your authenticator app')
  const before = new Date()
  await arrival.person.submit('start/email-code')
  await answerCode(site, arrival.person, 'anna@example.com', before)
  const tokens = await assertSignedIn(arrival, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
  assert.equal(tokens.claims()!.email_verified, true)
  assert.deepEqual(await credentials(sub), {
    password: true,
    totp: false,
    codes: false,
    proven: 1,
  })
})

test('the link of that email proves the address as well', async () => {
  const { sub } = await importAccount('bert@example.com')
  const arrival = await site.arrive()
  await givePassword(arrival.person, 'bert@example.com')
  const before = new Date()
  await arrival.person.submit('start/email-code')
  const link = await mail.linkFor('bert@example.com', before)
  await arrival.person.open(link)
  await arrival.person.submit(({ action }) => action === link)
  const tokens = await assertSignedIn(arrival, { amr: ['email', 'pwd'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
  assert.deepEqual(await credentials(sub), {
    password: true,
    totp: false,
    codes: false,
    proven: 1,
  })
})

test('whoever proves an address that an account never proved gets it without what others have set', async () => {
  const { sub, key } = await importAccount('cleo@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'cleo@example.com' })
  await arrival.person.submit('start/email-link')
  const page = await answerCode(site, arrival.person, 'cleo@example.com', before)
  assert.ok(page.left, 'nobody asks her for the authenticator app of somebody else')
  const tokens = await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
  assert.deepEqual(await credentials(sub), {
    password: false,
    totp: false,
    codes: false,
    proven: 1,
  })

  const other = await site.arrive()
  const refused = await givePassword(other.person, 'cleo@example.com')
  assert.equal(refused.status, 422, 'the password of before is worth nothing')
  assert.ok(totpCode(key))
})

test('an address that belongs to somebody is never taken by an account that only claims it', async () => {
  const { sub } = await importAccount('dana@example.com')
  const real = await site.arrive({ prompt: 'create' })
  await sql('update identifiers set value = $2, display = $2 where user_id = $1', [
    sub,
    'parked@example.com',
  ])
  await giveCode(site, real.person, 'dana@example.com')
  await real.person.submit('profile', { new_password: 'another harbour light' })
  const owner = (await tokensOf(real)).claims()!.sub
  await sql('update identifiers set value = $2, display = $2 where user_id = $1', [
    sub,
    'dana@example.com',
  ])

  const arrival = await site.arrive()
  const page = await givePassword(arrival.person, 'dana@example.com')
  assert.equal(page.status, 422, 'the password is compared with that of the owner')
  const before = new Date()
  await arrival.person.submit('start/email-link')
  await answerCode(site, arrival.person, 'dana@example.com', before)
  assert.equal((await tokensOf(arrival)).claims()!.sub, owner)
  assert.notEqual(owner, sub)
})

test('an account that has proven something else does not own an address that it only claims', async () => {
  const claimant = await site.arrive({ prompt: 'create' })
  await giveCode(site, claimant.person, '+1 201 555 0180')
  await claimant.person.submit('profile', { new_password: goodPassword })
  const { sub } = (await tokensOf(claimant)).claims()!
  await sql(
    `insert into identifiers (user_id, type, value, display)
     values ($1, 'email', 'emil@example.com', 'emil@example.com')`,
    [sub],
  )
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'emil@example.com' })
  await arrival.person.submit('start/email-link')
  await answerCode(site, arrival.person, 'emil@example.com', before)
  assertOn(arrival.person.here(), 'Complete your account')
  await arrival.person.submit('profile', { new_password: 'another harbour light' })
  assert.notEqual((await tokensOf(arrival)).claims()!.sub, sub)
})

test('of two accounts that prove an address at the same moment, one has it and the other hears of it', async () => {
  const { sub } = await importAccount('twin@example.com')
  const other = await importAccount('other@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'twin@example.com' })
  if (!arrival.person.here().html.includes('/verify/email-code')) {
    await arrival.person.submit('start/email-link')
  }
  const code = await mail.codeFor('twin@example.com', before)
  const rival = new pg.Client({ connectionString: site.server.databaseUrl! })
  await rival.connect()
  try {
    await rival.query('begin')
    await rival.query(
      `insert into identifiers (user_id, type, value, display, verified_at)
       values ($1, 'email', 'twin@example.com', 'twin@example.com', now())`,
      [other.sub],
    )
    const answer = arrival.person.submit('verify/email-code', { code })
    const waits =
      'select 1 from pg_locks where not granted and transactionid = pg_current_xact_id()::xid'
    const deadline = Date.now() + 10_000
    while ((await rival.query(waits)).rowCount === 0) {
      assert.ok(Date.now() < deadline, 'nobody waits for the other account')
      await sleep(10)
    }
    await rival.query('commit')
    assert.equal((await answer).status, 422)
  } finally {
    await rival.end()
  }
  assert.equal((await credentials(sub))!.proven, 0)
})
