import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { heading, settings, signIn, useAndSignOut } from './journeys.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { ...settings, clients: [shop.registration] } },
)
await shop.discover(server)
const mail = inbox(server)

/** What has the focus, by its name as assistive technology tells it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const element = document.activeElement
    const label = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label')
    return (label ?? element.innerText ?? '').trim().split('\\n')[0]
  })()`)

/** Moves on with the Tab key alone until something with this name has the focus. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  const passed: string[] = []
  for (let steps = 0; steps < 40; steps++) {
    const now = await focused(page)
    if (now === name) return
    passed.push(now)
    await page.keyboard.press('Tab')
  }
  throw new assert.AssertionError({ message: `No "${name}" among: ${passed.join(' | ')}` })
}

/** Whether what has the focus can be told from its surroundings. */
const focusIsVisible = (page: Page): Promise<boolean> =>
  page.evaluate(`(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement)
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
  })()`)

test('with the keyboard alone, a person registers with a code by text message', async (t) => {
  const person = await withBrowser(t)
  const tokens = await signIn(
    shop,
    person.page,
    { amr: ['otp', 'sms'], acr: 'aal1' },
    async (page) => {
      const { keyboard } = page
      assert.equal(await focused(page), 'Email address, phone number or username')
      assert.ok(await focusIsVisible(page))
      await keyboard.type('+12015550131')
      await keyboard.press('Enter')

      await heading(page, 'Check your text messages')
      assert.equal(await focused(page), 'Code from the text message')
      await keyboard.type('12345')
      await tabTo(page, 'Continue')
      assert.ok(await focusIsVisible(page))
      await keyboard.press('Space')
      await page.getByRole('alert').waitFor()
      await tabTo(page, 'Code from the text message')
      await keyboard.press('Control+A')
      await keyboard.type(await mail.codeFor('+12015550131'))
      await keyboard.press('Enter')

      await heading(page, 'Complete your account')
      assert.equal(await focused(page), 'Full name')
      await keyboard.type('Kay Board')
      await keyboard.press('Enter')
    },
  )
  await useAndSignOut(shop, person, tokens)
  person.assertNoComplaints()
})
