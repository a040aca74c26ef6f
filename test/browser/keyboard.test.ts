import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { focused, focusIsVisible, tabTo } from './by-keyboard.ts'
import { heading, settings, signIn, useAndSignOut } from './journeys.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { ...settings, clients: [shop.registration] } },
)
await shop.discover(server)
const mail = inbox(server)

test('with the keyboard alone, a person registers with a code by text message', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'sms'], acr: 'aal1' },
    async (page) => {
      const { keyboard } = page
      await page.locator(':focus').waitFor()
      assert.equal(await focused(page), 'Email address, phone number or username')
      assert.ok(await focusIsVisible(page))
      await keyboard.type('+12015550131')
      await keyboard.press('Enter')

      await heading(page, 'Check your text messages')
      await page.locator(':focus').waitFor()
      assert.equal(await focused(page), 'Code from the text message')
      await keyboard.type('12345')
      await tabTo(page, 'Continue')
      assert.ok(await focusIsVisible(page))
      await keyboard.press('Space')
      await page.getByRole('alert').waitFor()
      await page.waitForLoadState()
      await tabTo(page, 'Code from the text message')
      await keyboard.press('Control+A')
      await keyboard.type(await mail.codeFor('+12015550131'))
      await keyboard.press('Enter')

      await heading(page, 'Complete your account')
      await page.locator(':focus').waitFor()
      assert.equal(await focused(page), 'Full name')
      await keyboard.type('Kay Board')
      await keyboard.press('Enter')
    },
  )
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})
