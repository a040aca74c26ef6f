import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import { givePassword, goodPassword, registerUsername } from '../flows/people.ts'
import { assertSignedIn, generous, openSite } from '../flows/site.ts'

const site = await openSite(
  { after },
  {
    limits: { ...generous, failures: 5 },
    sign_in_experience: { identifiers: ['username', 'email'], methods: ['password', 'email-code'] },
  },
)

test('backup codes bring back no tries to whoever has used up those of the app', async () => {
  const { key, backupCodes } = await registerUsername(site, 'tess')
  const second = async (method: string, code: string) => {
    const arrival = await site.arrive()
    await givePassword(arrival.person, 'tess')
    if (method === 'backup-code') await arrival.person.submit('start/backup-code')
    return { ...arrival, ...(await arrival.person.submit(`verify/${method}`, { code })) }
  }
  for (const code of ['000000', '000001', '000002', '000003']) {
    assert.equal((await second('totp', code)).status, 422)
  }
  assert.equal((await second('backup-code', '0000-0000-0000-0000')).status, 422)
  const locked = await second('backup-code', backupCodes[0]!)
  assert.equal(locked.status, 429)
  assert.match(locked.text, /Too many failed tries\. Try again in 15 minutes/)
  assert.equal((await second('totp', totpCode(key))).status, 429)

  await site.sql(`update attempts set locked_until = now() - interval '1 second'`)
  await assertSignedIn(await second('backup-code', backupCodes[0]!), {
    amr: ['mfa', 'otp', 'pwd'],
    acr: 'aal2',
  })
})

test('that a password is locked tells nobody which names belong together', async () => {
  const { sub } = await registerUsername(site, 'uma')
  await site.sql(
    `insert into identifiers (user_id, type, value, display, verified_at)
     values ($1, 'email', 'uma@example.com', 'uma@example.com', now())`,
    [sub],
  )
  const guess = async (name: string, password: string) => {
    const { person } = await site.arrive()
    const { status, text } = await givePassword(person, name, password)
    return { status, said: text.replaceAll(name, '…') }
  }
  for (const password of ['one', 'two', 'three', 'four', 'five']) {
    assert.equal((await guess('uma', password)).status, 422)
  }
  assert.equal((await guess('uma', 'six')).status, 429)

  const known = await guess('uma@example.com', 'not the password')
  assert.deepEqual(known, await guess('nobody@example.com', 'not the password'))
  assert.equal(known.status, 422)
  assert.equal((await guess('uma@example.com', goodPassword)).status, 422, 'nothing comes of it')
  for (const name of ['uma@example.com', 'nobody@example.com']) {
    for (let left = name.startsWith('uma') ? 3 : 4; left > 0; left--) await guess(name, 'no')
    assert.equal((await guess(name, 'no')).status, 429, name)
  }

  await site.sql(`update attempts set locked_until = now() - interval '1 second'`)
  const { person } = await site.arrive()
  await givePassword(person, 'uma@example.com')
  assert.match(person.here().text, /Open your authenticator app/)
})
