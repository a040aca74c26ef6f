import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { ownerLink } from '../admin/console.ts'
import { hindrance, runSnippets, snippetsOf } from '../admin/snippets.ts'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { freePort } from '../support/ports.ts'
import { startServer } from '../support/server.ts'
import { accepts, refuses, startTwilio } from '../support/twilio-double.ts'
import { totpCode } from './authenticator.ts'
import { heading, press, type } from './journeys.ts'

const phone = '+41 79 123 45 67'
const password = 'seven green umbrellas'
const token = 'the-right-token-of-this-account-1234'

/** As the article shows it; the endpoint is the one that stands in for Twilio here. */
const pasted = (baseUrl: string, authToken: string) =>
  JSON.stringify({
    accountSID: 'AC0123456789abcdef0123456789abcdef',
    authToken,
    fromMessagingServiceSID: 'MG0123456789abcdef0123456789abcdef',
    baseUrl,
    templates: ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      content: 'Your verification code is {{code}}. The code will remain active for 10 minutes.',
    })),
  })

const becomeOwner = async (page: Page, server: Awaited<ReturnType<typeof startServer>>) => {
  await page.goto(await ownerLink(server))
  await type(page, 'Full name', 'Olga Owner')
  await type(page, 'Email address', 'owner@example.com')
  await type(page, 'New password', password)
  await press(page, 'Create the owner’s account')
  // The address is filled in already.
  await press(page, 'Continue')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Continue')
  await heading(page, 'Check your email')
  await type(page, 'Code from the email', await inbox(server).codeFor('owner@example.com'))
  await page.waitForURL(/./)
  if (await page.getByRole('button', { name: 'Continue' }).count()) await press(page, 'Continue')
  await heading(page, 'Set up an authenticator app')
  const key = (await page.locator('#totp-key').textContent()) ?? ''
  await page.getByLabel('Code from the app').fill(totpCode(key))
  await heading(page, 'Save your backup codes')
  await page.getByLabel('I have saved these codes').check()
  await press(page, 'Continue')
  await heading(page, 'Welcome, Olga Owner')
}

const setUpTwilio = async (page: Page, twilio: Awaited<ReturnType<typeof startTwilio>>) => {
  await page.getByRole('link', { name: 'Set up a connector' }).first().click()
  await page.getByRole('link', { name: /Twilio/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('sms-main')
  await page.getByText('As JSON').click()
  const json = pasted(twilio.baseUrl, 'a-token-with-a-mistake-in-it-9999')
  await page.getByLabel('Configuration').fill(json)
  await press(page, 'Put into the form')
  await page.locator('[name="config.accountSID"][value^="AC"]').waitFor()

  twilio.answer = refuses(401, 20003)
  await type(page, 'Phone number', phone)
  await press(page, 'Send test')
  await page.getByText('Not accepted').waitFor()
  await page.getByText('20003').waitFor()

  twilio.answer = accepts
  await page.locator('[name="config.authToken"]').fill(token)
  await press(page, 'Send test')
  await page.getByText('Accepted. That is not delivered yet.').waitFor()
  await press(page, 'Save')
  await heading(page, 'sms-main')
}

const writeWords = async (page: Page, words: string) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Templates' }).click()
  // Whoever is here for the first time is told so in these.
  await page.getByRole('link', { name: 'Register, Any language' }).first().click()
  await heading(page, 'Register, Any language')
  const message = page.locator('textarea').first()
  await message.fill('No placeholder here')
  await press(page, 'Save')
  await page.getByRole('alert').waitFor()
  await page.waitForLoadState()
  await page.locator('textarea').first().fill(words)
  await page.locator('.bubble', { hasText: 'Alpine Shop' }).waitFor()
  await press(page, 'Save')
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
}

/** What an application shows of whoever has signed in; asks for the code of the text message. */
const signInAt = async (
  page: Page,
  origin: string,
  code: () => Promise<string>,
): Promise<string> => {
  await page.goto(`${origin}/login`)
  await page.getByLabel('Email address or phone number').fill(phone)
  await press(page, 'Continue')
  await heading(page, 'Check your text messages')
  await type(page, 'Code from the text message', await code())
  await press(page, 'Continue')
  await heading(page, 'Complete your account')
  await type(page, 'Full name', 'Petra Person')
  await press(page, 'Continue')
  await page.waitForURL((url) => url.origin === origin)
  return page.content()
}

/** All of it, in the words of the audit log, and nothing else. */
const happened = [
  // The owner, by a password and an app; an address is proven before an app is added.
  ...['admin.owner_created', 'sign_in.started', 'verification.succeeded'],
  ...['message.queued', 'message.accepted'],
  ...['verification.succeeded', 'factor.added', 'verification.succeeded', 'sign_in.completed'],
  ...['token.issued', 'admin.owner_claimed'],
  // What is set up.
  ...['connector.tested', 'connector.tested', 'connector.created', 'template.saved'],
  ...['settings.changed', 'client.created'],
  // A person, by a code.
  ...['sign_in.started', 'message.queued', 'message.accepted', 'verification.succeeded'],
  ...['user.created', 'sign_in.completed', 'token.issued'],
]

test('from the printed link to the first person who signs in, and what the console then shows', async (t: TestContext) => {
  const twilio = await startTwilio(t)
  const server = await startServer(t, { kind: 'embedded' })
  const { page, assertNoComplaints } = await withBrowser(t)
  const menu = (name: string) =>
    page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name, exact: true }).click()

  await becomeOwner(page, server)
  await setUpTwilio(page, twilio)
  await writeWords(page, 'Alpine Shop: {{code}}')

  await menu('Sign-in experience')
  await page.getByLabel('Place of Code by text message').fill('0')
  await press(page, 'Save')
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
  assert.equal(await page.locator('[name="signIn.methods"]').first().inputValue(), 'sms-code')

  const hindered = await hindrance({
    runtime: ['npm', '--version'],
    packages: ['npm', 'view', 'openid-client', 'version'],
  })
  const origin = `http://localhost:${await freePort()}`
  await menu('Applications')
  await page.getByRole('link', { name: /New/ }).first().click()
  await page.getByRole('link', { name: /Express/ }).click()
  await type(page, 'Name', 'Alpine Shop')
  await page.getByLabel('Redirect URIs').fill('https://*.example.com/callback')
  await press(page, 'Create')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Redirect URIs').fill(`${origin}/callback`)
  await press(page, 'Create')
  await page.locator('#secret').waitFor()
  await page.waitForLoadState()
  const shown = await page.content()
  if (hindered) return t.skip(hindered)

  await runSnippets(t, snippetsOf(shown), origin)
  const { page: elsewhere } = await withBrowser(t)
  const code = async () => {
    // Whoever sees the page that asks for it may be faster than the message.
    await elsewhere.locator('[data-when=accepted]').waitFor()
    return /\b\d{6}\b/.exec(twilio.asked.at(-1)!.form.Body!)![0]
  }
  twilio.asked.length = 0
  const claims = await signInAt(elsewhere, origin, code)
  assert.match(claims, /Petra Person/)
  assert.match(twilio.asked.at(-1)!.form.Body!, /^Alpine Shop: \d{6}/)
  assert.equal(twilio.asked.length, 1)

  // What the console shows is that, and nothing else.
  await menu('Deliveries')
  await heading(page, 'Deliveries')
  const cells = (row: Locator) => row.locator('td').allInnerTexts()
  const rows = await Promise.all((await page.locator('tbody tr').all()).map(cells))
  assert.deepEqual(
    rows.map(([, , usage, state, , connector]) => [usage, state?.split('\n')[0], connector]),
    [
      ['Register', 'Accepted', 'sms-main'],
      // Tried before there was a connector of that name.
      ['General Test', 'Accepted', '–'],
      ['General Test', 'Failed', '–'],
      ['Second factor', 'Accepted', 'inbox'],
    ],
  )

  await menu('Audit log')
  await heading(page, 'Audit log')
  const events = await page.locator('tbody td:nth-child(2) code').allTextContents()
  assert.deepEqual(events.toReversed(), happened)

  await menu('Dashboard')
  await heading(page, 'Dashboard')
  // Counting is a second or two behind. The stages: sent, accepted, verified, and so on.
  const numbers = async (): Promise<string[]> => {
    await page.reload()
    return page.locator('#funnel-sms tbody td:nth-child(2)').allTextContents()
  }
  const deadline = Date.now() + 20_000
  while ((await numbers()).at(-1) !== '1') assert.ok(Date.now() < deadline, String(await numbers()))
  assert.deepEqual(new Set(await numbers()), new Set(['1', '–']), 'the vendor tells of no delivery')
  assertNoComplaints()
})
