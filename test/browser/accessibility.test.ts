import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { axe, withBrowser } from '../support/browser.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { totpCode } from './authenticator.ts'
import { giveTotp, heading, identify, press, settings, signIn, type } from './journeys.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { ...settings, clients: [shop.registration] } },
)
await shop.discover(server)

/** axe, and nothing that has to be scrolled sideways (WCAG 1.4.10). */
const check = async (page: Page, name: string): Promise<void> => {
  assert.deepEqual(await axe(page), [], name)
  const width = await page.evaluate('document.scrollingElement.scrollWidth')
  assert.ok(Number(width) <= 320, `${name} is ${width} px wide`)
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page of a sign-in with a password can be used by everyone, ${colorScheme}, 320 pixels wide`, async (t) => {
    const person = await withBrowser(t, { colorScheme, viewport: { width: 320, height: 640 } })
    const user = `paula-${colorScheme}`
    let key = ''
    await signIn(shop, person.page, { amr: ['otp'], acr: 'aal1' }, async (page) => {
      const { keyboard } = page
      await check(page, 'sign in')
      await page.getByRole('link', { name: 'Create an account' }).click()
      await heading(page, /^Create your account/)
      await check(page, 'create an account')
      await keyboard.type(user)
      await keyboard.press('Enter')
      await heading(page, 'Complete your account')
      await page.getByLabel('Full name').fill('Paula Password')
      await page.getByLabel('New password', { exact: true }).fill('password')
      await keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await check(page, 'a password that is too common')
      await page.getByLabel('New password', { exact: true }).fill('seven green umbrellas')
      await keyboard.press('Enter')
      await heading(page, 'Set up an authenticator app')
      await check(page, 'set up an authenticator app')
      key = (await page.locator('#totp-key').textContent()) ?? ''
      await page.getByLabel('Code from the app').fill(totpCode(key))
      await heading(page, 'Save your backup codes')
      await check(page, 'backup codes')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').waitFor()
      await check(page, 'backup codes that were not saved')
      await page.getByLabel('I have saved these codes').check()
      await page.getByRole('button', { name: 'Continue' }).click()
    })

    await person.context.clearCookies()
    await signIn(shop, person.page, { amr: ['pwd', 'otp', 'mfa'], acr: 'aal2' }, async (page) => {
      await identify(page, user)
      await heading(page, 'Enter your password')
      await check(page, 'password')
      await type(page, 'Password', 'seven grey umbrellas')
      await press(page, 'Continue')
      await page.getByRole('alert').waitFor()
      await check(page, 'a wrong password')
      await type(page, 'Password', 'seven green umbrellas')
      await press(page, 'Continue')
      await heading(page, 'Open your authenticator app')
      await check(page, 'code of the app')
      await press(page, 'Use a backup code')
      await heading(page, 'Enter a backup code')
      await check(page, 'backup code')
      await press(page, 'Use an authenticator app')
      await giveTotp(page, key, 1)
    })
    person.assertNoComplaints()
  })
}
