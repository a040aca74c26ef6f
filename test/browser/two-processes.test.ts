import { after, test } from 'node:test'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServers } from '../support/several-servers.ts'
import {
  byEmailCode,
  byEmailLink,
  bySmsCode,
  giveBackupCode,
  giveName,
  givePassword,
  giveTotp,
  registerWithPassword,
  settings,
  signIn,
  useAndSignOut,
} from './journeys.ts'

// Each request goes to the other process than the one before, those of the relying party too.
const shop = await relyingParty({ after })
const servers = await startServers({ after }, 2, {
  config: { ...settings, clients: [shop.registration] },
})
await shop.discover(servers)
const mail = inbox(servers)

test('with two processes, a person signs in with a code by text message', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'sms'], acr: 'aal1' },
    async (page) => {
      await bySmsCode(page, mail, '+12015550111')
      await giveName(page, 'Sam Sms')
    },
  )
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('with two processes, a person signs in with a code by email', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'email'], acr: 'aal1' },
    async (page) => {
      await byEmailCode(page, mail, 'code@example.com')
      await giveName(page, 'Cody Code')
    },
  )
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('with two processes, a person signs in with a link by email', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(shop, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await giveName(await byEmailLink(page, mail, 'link@example.com'), 'Lina Link')
  })
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('with two processes, a person signs in with a password and each second factor', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  const password = 'seven green umbrellas'
  let enrolled = { totpKey: '', backupCodes: [] as readonly string[] }
  const registered = await signIn(shop, page, { amr: ['otp'], acr: 'aal1' }, async () => {
    enrolled = await registerWithPassword(page, 'paula', password)
  })
  await useAndSignOut(shop, person, registered)

  const two = { amr: ['pwd', 'otp', 'mfa'], acr: 'aal2' }
  const withApp = await signIn(shop, page, two, async () => {
    await givePassword(page, 'paula', password)
    await giveTotp(page, enrolled.totpKey, 1)
  })
  await useAndSignOut(shop, person, withApp)
  const withBackupCode = await signIn(shop, page, two, async () => {
    await givePassword(page, 'paula', password)
    await giveBackupCode(page, enrolled.backupCodes[0]!)
  })
  await useAndSignOut(shop, person, withBackupCode)
  person.assertNoComplaints()
})
