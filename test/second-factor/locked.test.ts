import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import { givePassword, registerUsername } from '../flows/people.ts'
import { assertSignedIn, generous, openSite } from '../flows/site.ts'

const site = await openSite(
  { after },
  {
    limits: { ...generous, failures: 5 },
    sign_in_experience: { identifiers: ['username'], methods: ['password'] },
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
