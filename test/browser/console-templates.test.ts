import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { becomeOwner } from '../admin/console.ts'
import { axe } from '../support/browser.ts'
import { startServer } from '../support/server.ts'
import { signedInBrowser } from './console-browser.ts'
import { messagingPages } from './messaging-pages.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)
await messagingPages(owner)
const sms = '/admin/connectors/sms-with-a-name-that-is-rather-long'

test('what a text message looks like follows what is typed, and its dear characters go with a click', async (t) => {
  const { page, assertNoComplaints } = await signedInBrowser(t, server, owner, {})
  await page.goto(`${server.baseUrl}${sms}/templates/Generic/en`)
  await page.fill('#field-content', 'Here it is… {{code}}')
  await page.locator('.bubble', { hasText: 'Here it is… 482913' }).waitFor()
  assert.deepEqual(await axe(page), [])
  await page.click('button[value="replace"]')
  await page.locator('.bubble', { hasText: 'Here it is... 482913' }).waitFor()
  assert.equal(await page.inputValue('#field-content'), 'Here it is... {{code}}')
  assertNoComplaints()
})

test('an email is shown as it is typed: wide, narrow, dark and plain', async (t) => {
  const { page, assertNoComplaints } = await signedInBrowser(t, server, owner, {
    viewport: { width: 1400, height: 900 },
    colorScheme: null,
  })
  await page.goto(`${server.baseUrl}/admin/connectors/mail/templates/SignIn/-`)
  await page.selectOption('#field-contentType', 'text/html')
  await page.fill(
    '#field-content',
    `<style>:root { color-scheme: light dark } p { color: rgb(1, 2, 3) }
     @media (prefers-color-scheme: dark) { p { color: rgb(9, 8, 7) } }</style><p>Typed {{code}}</p>`,
  )
  const inFrame = page.frameLocator('iframe').locator('p', { hasText: 'Typed 482913' })
  await inFrame.waitFor()
  const colour = () =>
    page.frames().at(-1)!.evaluate('getComputedStyle(document.querySelector("p")).color')
  const width = async () => (await page.locator('iframe').boundingBox())!.width
  assert.equal(await colour(), 'rgb(1, 2, 3)')
  assert.equal(await width(), 600)
  await page.check('#view-phone')
  assert.equal(await width(), 375)
  await page.check('#dark')
  // The frame hears of it a moment later.
  while ((await colour()) !== 'rgb(9, 8, 7)') await page.waitForTimeout(50)
  await page.check('#view-text')
  assert.equal(await page.locator('iframe').isVisible(), false)
  assert.match((await page.locator('.stage pre').textContent())!, /Typed 482913/)
  // Typing keeps the way of looking at it.
  await page.fill('#field-subject', 'Another {{code}}')
  await page.locator('.envelope', { hasText: 'Another 482913' }).waitFor()
  assert.equal(await page.isChecked('#view-text'), true)
  assertNoComplaints()
})

test('the same without a script, with the button', async (t) => {
  const { page } = await signedInBrowser(t, server, owner, { javaScript: false })
  await page.goto(`${server.baseUrl}/admin/connectors/mail/templates/SignIn/-`)
  await page.selectOption('#field-contentType', 'text/html')
  await page.fill('#field-content', '<p>Typed {{code}}</p>')
  await page.check('#view-phone')
  await page.click('button[value="preview"]')
  await page.frameLocator('iframe').locator('p', { hasText: 'Typed 482913' }).waitFor()
  assert.equal(await page.isChecked('#view-phone'), true)
})

test('Enter in the recipient sends a test, and saves nothing', async (t) => {
  const { page } = await signedInBrowser(t, server, owner, {})
  await page.goto(`${server.baseUrl}${sms}`)
  await page.fill('#field-priority', '77')
  await page.fill('#field-to', '+41791234567')
  await page.press('#field-to', 'Enter')
  await page.locator('#tried:focus', { hasText: 'Not accepted' }).waitFor()
  assert.equal(await page.inputValue('#field-priority'), '77')
  assert.deepEqual(await axe(page), [])
  await page.goto(`${server.baseUrl}${sms}`)
  assert.equal(await page.inputValue('#field-priority'), '10')
})

test('beside each other where there is room, the form first where there is none', async (t) => {
  const { page } = await signedInBrowser(t, server, owner, {
    viewport: { width: 1200, height: 700 },
  })
  await page.goto(`${server.baseUrl}${sms}`)
  const places = async () => {
    const guide = (await page.locator('.guide').boundingBox())!
    const form = (await page.locator('form#settings').boundingBox())!
    return { beside: guide.x + guide.width <= form.x, below: guide.y >= form.y + form.height }
  }
  assert.deepEqual(await places(), { beside: true, below: false })
  await page.setViewportSize({ width: 880, height: 700 })
  assert.deepEqual(await places(), { beside: false, below: true })
})
