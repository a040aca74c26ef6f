import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { axe, type Person, withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { startServer } from '../support/server.ts'
import { byEmailCode, enrolTotp, giveName, heading, press, settings, type } from './journeys.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

const methods = ['email-code', 'sms-code', 'password', 'passkey']
const server = await startServer(
  { after },
  {
    config: {
      ...settings,
      sign_in_experience: { ...settings.sign_in_experience, methods },
    },
  },
)
const mail = inbox(server)
const at = (path: string) => `${server.baseUrl}/account${path}`

/** Somebody new, on the first page of their account. */
const enter = async ({ page }: Person, email: string): Promise<void> => {
  await page.goto(at(''))
  await byEmailCode(page, mail, email)
  await giveName(page, 'Anna Muster')
  await settled(page)
}

/** Declines what is offered on the way, such as a passkey. */
const settled = async (page: Page): Promise<void> => {
  await page.waitForLoadState()
  if (!page.url().includes('/interaction/')) return
  await page.getByRole('button', { name: 'Not now' }).click()
  await page.waitForURL(`${at('')}*`)
}

/** axe, and nothing that has to be scrolled sideways (WCAG 1.4.10). */
const check = async (page: Page, name: string): Promise<void> => {
  assert.deepEqual(await axe(page), [], name)
  const width = await page.evaluate('document.scrollingElement.scrollWidth')
  assert.ok(Number(width) <= 320, `${name} is ${width} px wide`)
}

const pages = [
  '',
  '/profile',
  '/methods',
  '/emails/new',
  '/phones/new',
  '/username',
  '/password',
  '/two-step',
  '/two-step/totp',
  '/passkeys',
  '/passkeys/new',
  '/sessions',
  '/trusted-browsers',
  '/apps',
  '/activity',
  '/secure',
  '/data',
  '/delete',
  '/deleted',
]

for (const [locale, dir] of [
  ['en', 'ltr'],
  ['de', 'ltr'],
  ['ar', 'rtl'],
] as const) {
  test(`everybody can use every page of an account, 320 pixels wide (${locale})`, async (t) => {
    const person = await withBrowser(t, { viewport: { width: 320, height: 640 } })
    const { page } = person
    await enter(person, `wide-${locale}@example.com`)
    await page.goto(`${at('')}?lang=${locale}`)
    for (const path of pages) {
      await page.goto(at(path))
      assert.equal(await page.locator('html').getAttribute('dir'), dir, path)
      assert.equal(await page.locator('html').getAttribute('lang'), locale, path)
      await check(page, path)
    }
    person.assertNoComplaints()
  })
}

test('without JavaScript, a person looks after their account', async (t) => {
  const person = await withBrowser(t, { javaScript: false })
  const { page } = person
  await enter(person, 'plain@example.com')
  await page.getByRole('link', { name: /^Profile/ }).click()
  await page.getByLabel('Full name').fill('Anna Plain')
  await press(page, 'Save')
  await page.getByText('Your profile is saved.').waitFor()

  await page.getByRole('link', { name: 'Your account' }).click()
  await page.getByRole('link', { name: /^Ways to sign in/ }).click()
  await page.getByRole('link', { name: 'Add an email address' }).click()
  const before = new Date()
  await type(page, 'Email address', 'plain@work.example')
  await press(page, 'Send the code')
  await heading(page, 'Check your email')
  await type(page, 'Code from the email', await mail.codeFor('plain@work.example', before))
  await press(page, 'Add an email address')
  await page.getByText('It is added.').waitFor()

  await page.goto(at('/two-step/totp'))
  await enrolTotp(page)
  await page.getByText('Your backup codes are ready.').waitFor()
  await page.getByRole('link', { name: 'Turn off' }).click()
  await heading(page, 'Turn the authenticator app off?')
  await press(page, 'Turn off')
  await page.getByText('is turned off').waitFor()

  await page.goto(at('/data'))
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download')])
  assert.equal(download.suggestedFilename(), 'account.json')
  await page.goto(at('/passkeys/new'))
  await page.getByText(/Passkeys need JavaScript/).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Create a passkey' }).count(), 0)
  person.assertNoComplaints()
})

test('with the keyboard alone, a person changes their password', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  await enter(person, 'keys@example.com')
  const tabTo = async (name: RegExp) => {
    for (let steps = 0; steps < 40; steps += 1) {
      const now = String(
        await page.evaluate(
          `(document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText).trim()`,
        ),
      )
      if (name.test(now)) return
      await page.keyboard.press('Tab')
    }
    assert.fail(`No ${name}`)
  }
  await tabTo(/^Ways to sign in/)
  await page.keyboard.press('Enter')
  await heading(page, 'Ways to sign in')
  await tabTo(/^Set a password/)
  await page.keyboard.press('Enter')
  await heading(page, 'Set a password')
  await page.keyboard.type('quiet harbour lamps of the north')
  await page.keyboard.press('Enter')
  await page.getByText('Your password is saved.').waitFor()
  person.assertNoComplaints()
})

test('a person makes a passkey, names it and gives it up', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  await addAuthenticator(page)
  await enter(person, 'keyless@example.com')
  await page.goto(at('/passkeys/new'))
  await press(page, 'Create a passkey')
  await page.getByText('The passkey is added.').waitFor()

  // With a passkey a change takes one: the most that this person can prove.
  await page.getByRole('link', { name: /^Rename/ }).click()
  await heading(page, 'Use your passkey')
  await press(page, 'Use my passkey')
  await heading(page, 'Rename the passkey')
  await page.getByLabel('Name').fill('My laptop')
  await press(page, 'Save')
  await page.getByText('My laptop', { exact: true }).first().waitFor()
  await page.getByRole('link', { name: /^Remove/ }).click()
  await heading(page, 'Remove My laptop?')
  await press(page, 'Remove')
  await page.getByText('The passkey is removed.').waitFor()
  await page.getByText('You have none yet.').waitFor()
  person.assertNoComplaints()
})
