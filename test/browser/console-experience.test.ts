import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { becomeOwner } from '../admin/console.ts'
import { axe } from '../support/browser.ts'
import { startServer } from '../support/server.ts'
import { signedInBrowser } from './console-browser.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)
const experience = `${server.baseUrl}/admin/experience`

test('a hosted page looks as it is typed: name, colour, what people sign in with, in every state', async (t) => {
  const { page, assertNoComplaints } = await signedInBrowser(t, server, owner, {
    viewport: { width: 1280, height: 900 },
    colorScheme: null,
  })
  await page.goto(experience)
  const shown = page.frameLocator('iframe')
  await page.getByLabel('Name of this service').fill('Blue Door')
  await shown.getByText('Blue Door').first().waitFor()
  await page.getByLabel('Email address', { exact: true }).uncheck()
  await shown.getByLabel('Phone number', { exact: true }).waitFor()
  await page.getByLabel('Colour of buttons and links').fill('#004400')
  await shown.locator('body').waitFor()
  const colour = () =>
    page
      .frames()
      .at(-1)!
      .evaluate('getComputedStyle(document.querySelector(".primary")).backgroundColor')
  while ((await colour().catch(() => '')) !== 'rgb(0, 68, 0)') await page.waitForTimeout(50)
  await page.getByLabel('Colour of buttons and links').fill('#ffff00')
  await page.getByText('A button of this colour can hardly be seen').waitFor()
  assert.deepEqual(await axe(page), [])

  await page.getByLabel('Page', { exact: true }).selectOption({ label: 'Enter the code' })
  await shown.getByRole('alert').filter({ hasText: 'Enter the code' }).waitFor()
  await page.locator('select[name="language"]').selectOption('ar')
  await shown.locator('html[dir="rtl"]').waitFor()
  // Nothing was saved by looking.
  await page.reload()
  assert.equal(await page.getByLabel('Name of this service').inputValue(), 'Avouch')
  assertNoComplaints()
})

test('without a script, a button shows the same, and what was typed stays', async (t) => {
  const { page } = await signedInBrowser(t, server, owner, { javaScript: false })
  await page.goto(experience)
  await page.getByLabel('Name of this service').fill('Green Door')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.frameLocator('iframe').getByText('Green Door').first().waitFor()
  assert.equal(await page.getByLabel('Name of this service').inputValue(), 'Green Door')
  await page.getByRole('link', { name: 'Look at it with more room' }).click()
  await page.frameLocator('iframe').getByText('Green Door').first().waitFor()
})

test('words are seen on their page while they are written', async (t) => {
  const { page, assertNoComplaints } = await signedInBrowser(t, server, owner, {})
  await page.goto(`${experience}/words?language=de&area=consent`)
  const [field] = await page.locator('input[name^="words.de.consent.heading"]').all()
  await field!.fill('Darf {app} das sehen?')
  await page.frameLocator('iframe').getByText('Darf Alpine Shop das sehen?').first().waitFor()
  assert.deepEqual(await axe(page), [])
  assertNoComplaints()
})
