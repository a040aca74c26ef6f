import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { answerCode, givePassword } from './people.ts'
import { assertOn, assertSignedIn, assertWhole, openSite } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['email-code', 'sms-code', 'password'],
      registration: 'closed',
    },
    // The wait before the next message is the same, too.
    limits: { failures: 100 },
  },
)
const { mail, sql } = site

/** Somebody whom an administrator has added. */
async function add(type: string, value: string, verified = true): Promise<string> {
  const id = `user-${value}`
  await sql('insert into users (id, name) values ($1, $2)', [id, 'Known Person'])
  await sql(
    `insert into identifiers (user_id, type, value, display, verified_at)
     values ($1, $2, $3, $3, $4)`,
    [id, type, value, verified ? new Date() : null],
  )
  return id
}

test('who is known signs in where registration is closed', async () => {
  const sub = await add('email', 'anna@example.com')
  const arrival = await site.arrive()
  assert.doesNotMatch(arrival.person.here().html, /\?mode=create/, 'nothing to register with')
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'anna@example.com' })
  await answerCode(site, arrival.person, 'anna@example.com', before)
  const tokens = await assertWhole(site, arrival, { amr: ['email', 'otp'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
})

test('who was invited proves the address with the first sign-in', async () => {
  const sub = await add('phone', '+12015550170', false)
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: '+1 201 555 0170' })
  await answerCode(site, arrival.person, '+1 201 555 0170', before)
  const tokens = await assertSignedIn(arrival, { amr: ['otp', 'sms'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
  assert.equal(tokens.claims()!.phone_number, '+12015550170')
})

for (const [kind, known, unknown] of [
  ['address', 'ben@example.com', 'nobody@example.com'],
  ['number', '+12015550171', '+12015550172'],
] as const) {
  test(`a known ${kind} and an unknown one look the same, and the unknown one gets nothing`, async () => {
    await add(known.includes('@') ? 'email' : 'phone', known)
    const shown: string[][] = []
    for (const identifier of [known, unknown]) {
      const { person } = await site.arrive()
      const pages: string[] = []
      const keep = () => {
        const { status, text, url, headers } = person.here()
        const wait = headers.get('retry-after') === null ? '' : 'later'
        const local = identifier.split('@')[0]!
        pages.push(
          `${status} ${wait} ${new URL(url).pathname.split('/').slice(3)} ${text
            .replaceAll(local, '…')
            .replaceAll(/\+1 201 555 \d+/g, '…')
            .replaceAll(/\d+ seconds/g, '… seconds')}`,
        )
      }
      await person.submit('identify', { identifier })
      keep()
      const { url } = person.here()
      if (identifier === known) await mail.messageFor(known)
      for (const state of ['sending', 'failed', 'unknown']) {
        await sql('update deliveries set state = $1', [state])
        pages.push((await person.copy().open(`${url}/state?proven=0`)).html)
        await person.open(url)
        keep()
      }
      await person.submit(identifier.includes('@') ? 'verify/email-code' : 'verify/sms-code', {
        code: '000000',
      })
      keep()
      await person.open(url)
      await person.submit('resend')
      keep()
      await person.open(url)
      await person.submit('start/password')
      keep()
      await person.submit('verify/password', { password: 'not the password' })
      keep()
      shown.push(pages)
    }
    assert.deepEqual(shown[0], shown[1])
    assert.match(shown[1]!.join(' '), /4 tries left/)
    assert.deepEqual(await mail.messages(unknown), [])
    const queued = await sql(
      `select 1 from deliveries d join sign_ins s on s.uid = d.interaction_uid
        where s.identifier_value = $1`,
      [unknown],
    )
    assert.deepEqual(queued, [])
  })
}

test('an application can not open registration by asking for it', async () => {
  const { person } = await site.arrive({ prompt: 'create' })
  await person.submit('identify', { identifier: 'carla@example.com' })
  assertOn(person.here(), 'Check your email')
  const posted = await person.post(`${person.here().url}/profile`, { name: 'Carla' })
  assert.equal(posted.left, null)
  assert.deepEqual(await mail.messages('carla@example.com'), [])
  assert.deepEqual(await sql(`select 1 from identifiers where value = 'carla@example.com'`), [])
})

test('a blocked person is told so, but only once they have proven who they are', async () => {
  const id = await add('email', 'dora@example.com')
  await sql('update users set blocked_at = now() where id = $1', [id])
  const { person } = await site.arrive()
  const before = new Date()
  await person.submit('identify', { identifier: 'dora@example.com' })
  assertOn(person.here(), 'Check your email')
  const page = await answerCode(site, person, 'dora@example.com', before)
  assert.equal(page.status, 403)
  assert.match(page.text, /This account can not sign in/)
  assert.equal((await person.open(page.url)).status, 403)

  const stranger = await site.arrive()
  assertOn(await givePassword(stranger.person, 'dora@example.com'), 'Enter your password')
})
