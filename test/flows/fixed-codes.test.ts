import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openSite, tokensOf } from './site.ts'

const phone = '+12015550199'
const site = await openSite(
  { after },
  {
    test_identifiers: [
      { identifier: phone, code: '246810' },
      { identifier: 'robot@example.com', code: '135791' },
    ],
    sign_in_experience: { profile: [] },
  },
)
const { sql } = site

test('a robot signs in with its fixed code, and no message is sent', async () => {
  for (const [identifier, code, method] of [
    [phone, '246810', 'sms-code'],
    ['robot@example.com', '135791', 'email-code'],
  ] as const) {
    const arrival = await site.arrive()
    await arrival.person.submit('identify', { identifier })
    const wrong = await arrival.person.submit(`verify/${method}`, { code: '000000' })
    assert.equal(wrong.status, 422)
    await arrival.person.submit(`verify/${method}`, { code })
    assert.ok((await tokensOf(arrival)).id_token)
  }
  assert.deepEqual(await sql('select 1 from deliveries'), [])
})

test('limits hold for a robot as for everybody', async () => {
  const arrival = await site.arrive()
  await arrival.person.submit('identify', { identifier: 'robot@example.com' })
  for (let i = 0; i < 5; i += 1) {
    await arrival.person.submit('verify/email-code', { code: '000000' })
  }
  const right = await arrival.person.submit('verify/email-code', { code: '135791' })
  assert.equal(right.status, 429)
})

test('an admin never signs in with a fixed code', async () => {
  await sql(
    `insert into admins (user_id, role) select user_id, 'owner' from identifiers where value = $1`,
    [phone],
  )
  const arrival = await site.arrive()
  await arrival.person.submit('identify', { identifier: phone })
  const { status } = await arrival.person.submit('verify/sms-code', { code: '246810' })
  assert.equal(status, 422)
})
