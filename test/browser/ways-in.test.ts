import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import {
  byEmailCode,
  byEmailLink,
  bySmsCode,
  giveBackupCode,
  giveName,
  givePassword,
  giveTotp,
  heading,
  registerWithPassword,
  settings,
  signIn,
  useAndSignOut,
} from './journeys.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { kind: 'embedded', config: { ...settings, clients: [shop.registration] } },
)
await shop.discover(server)
const mail = inbox(server)

test('a person signs in with a code by text message, and out again', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'sms'], acr: 'aal1' },
    async (page) => {
      await bySmsCode(page, mail, '+12015550101')
      await giveName(page, 'Sam Sms')
    },
  )
  assert.equal((await shop.userinfo(tokens)).phone_number, '+12015550101')
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('a code that is pasted is sent by itself', async (t) => {
  const person = await withBrowser(t)
  await signIn(shop, person.page, { amr: ['otp', 'sms'], acr: 'aal1' }, async (page) => {
    await page.getByLabel(/^Email address/).fill('+12015550102')
    await page.keyboard.press('Enter')
    await heading(page, 'Check your text messages')
    const code = await mail.codeFor('+12015550102')
    await page.getByLabel('Code from the text message').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await giveName(page, 'Paul Paste')
  })
  person.assertNoComplaints()
})

test('a person signs in with a code by email, and out again', async (t) => {
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
  assert.equal((await shop.userinfo(tokens)).email, 'code@example.com')
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('a person signs in with a link by email, and out again', async (t) => {
  const person = await withBrowser(t)
  const expected = { amr: ['email'], acr: 'aal1' }
  const tokens = await signIn(shop, person.page, expected, async (page) => {
    const tab = await byEmailLink(page, mail, 'link@example.com')
    await giveName(tab, 'Lina Link')
  })
  await useAndSignOut(shop, person, tokens)

  // Known by now, so nothing but the link is needed.
  const again = await signIn(shop, person.page, expected, (page) =>
    byEmailLink(page, mail, 'link@example.com'),
  )
  assert.equal(again.claims()!.sub, tokens.claims()!.sub)
  person.assertNoComplaints()
})

test('the tab that waited for the link says that the sign-in went on elsewhere', async (t) => {
  const { page, assertNoComplaints } = await withBrowser(t)
  await signIn(shop, page, { amr: ['email'], acr: 'aal1' }, async () => {
    await giveName(await byEmailLink(page, mail, 'waiting@example.com'), 'Wanda Waits')
  })
  await page.bringToFront()
  await heading(page, /^This sign-in is (finished|over)$/)
  await page.getByText('close this page').waitFor()
  assertNoComplaints()
})

test('a person registers with a password, an app and backup codes, and signs in with each', async (t) => {
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
  assert.equal(withApp.claims()!.sub, registered.claims()!.sub)
  await useAndSignOut(shop, person, withApp)

  const withBackupCode = await signIn(shop, page, two, async () => {
    await givePassword(page, 'paula', password)
    await giveBackupCode(page, enrolled.backupCodes[4]!)
  })
  assert.equal(withBackupCode.claims()!.sub, registered.claims()!.sub)
  await useAndSignOut(shop, person, withBackupCode)
  person.assertNoComplaints()
})
