import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axe, withBrowser } from '../support/browser.ts'
import { arabic, email, textMessage } from './messages.ts'
import { listen, serveInbox, setUpDemo } from './servers.ts'

const narrow = { width: 320, height: 640 }

const fitsAcross = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`at 320 pixels, ${colorScheme}, everybody can use the demo and the inbox`, async (t) => {
    const { demo, start } = await setUpDemo(t)
    start()
    const server = await listen()
    t.after(server.close)
    serveInbox(server, [textMessage, email, arabic], { demoUrl: demo.url })
    const { page, assertNoComplaints } = await withBrowser(t, { colorScheme, viewport: narrow })

    const check = async (name: string) => {
      for (const summary of await page.locator('summary').all()) await summary.click()
      assert.deepEqual(await axe(page), [], name)
      assert.equal(await page.evaluate(fitsAcross), true, `${name} scrolls sideways`)
    }

    await page.goto(demo.url)
    await check('start')
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor()
    await check('signed in')
    await page.goto(`${demo.url}/sign-in?prompt=login&login_hint=nobody`)
    await check('refused')
    await page.goto(`${server.url}/dev/inbox`)
    await check('inbox')
    assertNoComplaints()
  })
}

test('a new message appears by itself, and what is open stays open', async (t) => {
  const messages = [email]
  const server = await listen()
  t.after(server.close)
  serveInbox(server, messages)
  const { page, assertNoComplaints } = await withBrowser(t)
  await page.goto(`${server.url}/dev/inbox`)
  await page.getByText('Plain text part').click()

  messages.push(textMessage)
  await page.getByText('482913', { exact: true }).first().waitFor()
  const titles = await page.locator('article h2').allTextContents()
  assert.match(titles[0]!, /Text message/, 'the newest comes first')
  assert.equal(await page.locator('details').evaluate((each) => each.hasAttribute('open')), true)
  assert.equal(await page.getByRole('status').textContent(), '1 new message')

  messages.splice(0)
  await page.getByText('Nothing yet.').waitFor()
  assertNoComplaints()
})

test('the link of an email that is shown opens in a tab of its own', async (t) => {
  const server = await listen()
  t.after(server.close)
  const html = `<p><a href="${server.url}/dev/inbox?to=opened%40example.com">Sign in</a></p>`
  serveInbox(server, [{ ...email, html }])
  const { page, context } = await withBrowser(t)
  await page.goto(`${server.url}/dev/inbox`)
  const opened = context.waitForEvent('page')
  await page.frameLocator('iframe').getByRole('link').click()
  await (await opened).getByText('Nothing for opened@example.com').waitFor()
})

test('without a script, everything but copying and news works', async (t) => {
  const { demo, start } = await setUpDemo(t)
  start()
  const server = await listen()
  t.after(server.close)
  serveInbox(server, [textMessage])
  const { page } = await withBrowser(t, { javaScript: false })
  await page.goto(`${server.url}/dev/inbox`)
  assert.equal(await page.getByRole('button', { name: 'Copy' }).count(), 0)
  await page.getByRole('link', { name: 'Refresh' }).click()
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByText('Nothing yet.').waitFor()

  await page.goto(demo.url)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Refresh tokens' }).click()
  await page.getByText('The refresh token was replaced').waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(/\/session\/end/)
})
