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
  identify,
  press,
  registerWithPassword,
  settings,
  signIn,
  type,
  useAndSignOut,
} from './journeys.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { ...settings, clients: [shop.registration] } },
)
await shop.discover(server)
const mail = inbox(server)
const off = { javaScript: false }

test('without JavaScript, a person signs in with a code by text message', async (t) => {
  const person = await withBrowser(t, off)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'sms'], acr: 'aal1' },
    async (page) => {
      await bySmsCode(page, mail, '+12015550121')
      await giveName(page, 'Sam Sms')
    },
  )
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('without JavaScript, a person signs in with a code by email', async (t) => {
  const person = await withBrowser(t, off)
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

test('without JavaScript, a person signs in with a link by email', async (t) => {
  const person = await withBrowser(t, off)
  const tokens = await signIn(shop, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await giveName(await byEmailLink(page, mail, 'link@example.com', false), 'Lina Link')
  })
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})

test('without JavaScript, a link on the waiting page tells that the email has been opened', async (t) => {
  const person = await withBrowser(t, off)
  await signIn(shop, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await byEmailLink(page, mail, 'waits@example.com', false)
    await page.getByRole('link', { name: 'I have opened the link' }).click()
    await giveName(page, 'Walter Waits')
  })
})

test('without JavaScript, a person signs in with a password and each second factor', async (t) => {
  const person = await withBrowser(t, off)
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

test('without JavaScript, a mistake is explained and mended, and a new message can be asked for', async (t) => {
  const person = await withBrowser(t, off)
  await signIn(shop, person.page, { amr: ['otp', 'sms'], acr: 'aal1' }, async (page) => {
    await identify(page, 'nobody@')
    await page.getByRole('alert').getByText('email address').waitFor()
    await page.getByRole('textbox', { name: /^Email address/ }).clear()
    await identify(page, '+12015550129')
    await heading(page, 'Check your text messages')
    const first = await mail.codeFor('+12015550129')
    const before = new Date()
    await press(page, 'Send again')
    await page.getByText('A new text message is on its way').waitFor()
    const second = await mail.codeFor('+12015550129', before)
    await type(page, 'Code from the text message', first === second ? '000000' : first)
    await press(page, 'Continue')
    await page.getByRole('alert').waitFor()
    await type(page, 'Code from the text message', second)
    await press(page, 'Continue')
    await giveName(page, 'Mia Mistake')
  })
})
