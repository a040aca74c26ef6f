import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Router from '@koa/router'
import type { Page } from 'playwright-core'
import { consoleRoutes } from '#src/admin/console/index.ts'
import { loadLocales } from '#src/lib/i18n.ts'
import { becomeOwner, ownerLink } from '../admin/console.ts'
import { createPerson } from '../admin/console-people.ts'
import { axe, type BrowserOptions, type Person, withBrowser } from '../support/browser.ts'
import type { Scope } from '../support/scope.ts'
import { startServer } from '../support/server.ts'
import { focused, tabTo, walk } from './by-keyboard.ts'
import { signedInBrowser } from './console-browser.ts'
import { consolePages } from './console-pages.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)

const signedIn = (t: Scope, options: BrowserOptions = {}): Promise<Person> =>
  signedInBrowser(t, server, owner, options)

const pages = await consolePages(server, owner)

/** Nothing from elsewhere, no script or style in a page, forms that lead nowhere else, no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** axe, one heading, and nothing that has to be scrolled sideways (WCAG 1.4.10). */
const check = async (page: Page, name: string): Promise<void> => {
  assert.deepEqual(await axe(page), [], name)
  const width = await page.evaluate('document.scrollingElement.scrollWidth')
  assert.ok(Number(width) <= 320, `${name} is ${width} px wide`)
  assert.equal(await page.locator('h1').count(), 1, name)
}

/** Every page there is, as the router knows it; nothing behind it is needed for that. */
const routes = (): { path: string; regexp: RegExp }[] => {
  const unused = {} as never
  const all = consoleRoutes({
    baseUrl: server.baseUrl,
    secret: 'unused',
    listening: { host: undefined, port: 1 },
    i18n: loadLocales('views/locales'),
    operations: [],
    adminEmail: null,
    ...{ db: unused, keys: unused, pages: unused, render: unused, assets: unused },
    ...{ settings: unused, run: unused, owner: unused, readSession: unused },
  })
  const { stack } = (all as unknown as { router: Router }).router
  return stack
    .filter(({ methods }) => methods.includes('GET'))
    .map(({ path, regexp }) => ({ path: String(path), regexp }))
}

/** They answer with a file, a part of a page, or another address; or have a test of their own. */
const noPages = [
  '/admin/audit/export',
  '/admin/callback',
  '/admin/claim/:token',
  '/admin/clients/check-uri',
  '/admin/clients/try/callback',
  '/admin/connectors/:id/templates',
  '/admin/connectors/:id/templates/:usageType/:locale/frame',
  '/admin/dashboard/:figure.csv',
  '/admin/experience/preview/frame',
  '/admin/experience/preview/style.css',
  '/admin/resume',
  '/admin/sign-in',
  '/admin/system/bundle.json',
  '/admin/works/:id/file',
  '/admin/works/:id/report',
]

test('no page of the console is left out here', () => {
  const all = routes()
  const seen = new Set(
    pages.map((path) => {
      const { pathname } = new URL(path, server.baseUrl)
      return all.find(({ regexp }) => regexp.test(pathname))?.path
    }),
  )
  const missing = all.map(({ path }) => path).filter((path) => !seen.has(path))
  assert.deepEqual(missing.sort(), noPages)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page of the console can be used by everyone, ${colorScheme}, 320 pixels wide`, async (t) => {
    const person = await signedIn(t, { colorScheme, viewport: { width: 320, height: 640 } })
    for (const path of pages) {
      const answer = await person.page.goto(`${server.baseUrl}${path}`)
      assert.equal(answer!.status(), 200, path)
      await check(person.page, path)
    }
    person.assertNoComplaints()
  })
}

test('every page of the console is there without JavaScript, in English and German', async (t) => {
  for (const locale of ['en', 'de']) {
    const { page } = await signedIn(t, { javaScript: false, locale })
    for (const path of pages) {
      const answer = await page.goto(`${server.baseUrl}${path}`)
      assert.equal(answer!.status(), 200, path)
      if (path.startsWith('/admin')) {
        assert.equal(answer!.headers()['content-security-policy'], policy, path)
      }
      assert.equal(await page.locator('html').getAttribute('lang'), locale, path)
      // The source of an email is text here.
      const html = (await page.content()).replace(/<textarea.*?<\/textarea>/gs, '')
      assert.doesNotMatch(html, /\sstyle=|<style|\son[a-z]+=|javascript:|undefined|\[object/i, path)
    }
  }
})

/** What is typed into which page, and can not be saved like that. */
const mistakes: [path: string, field: string, text: string][] = [
  ['/admin/connectors/new/twilio-sms', 'config.accountSID', 'nonsense'],
  ['/admin/connectors/mail/templates/SignIn/de', 'content', 'Without a placeholder'],
  ['/admin/experience', 'branding.color', '#ffff00'],
  ['/admin/experience/words', 'words.en.identify.heading-sign-in', 'A brace {'],
  ['/admin/settings', 'codes.length', '3'],
]

for (const colorScheme of ['light', 'dark'] as const) {
  test(`what is wrong is told to everyone, ${colorScheme}, 320 pixels wide`, async (t) => {
    const options = { colorScheme, viewport: { width: 320, height: 640 } }
    const { page } = await signedIn(t, options)
    for (const [path, field, text] of mistakes) {
      await page.goto(`${server.baseUrl}${path}`)
      await page.locator(`[name="${field}"]`).fill(text)
      await page.locator('main button.primary').first().click()
      await page.locator('.summary [role="alert"]').waitFor()
      await check(page, path)
      assert.match(await page.title(), /^Error: /, path)
      assert.equal(await page.evaluate('document.activeElement.className'), 'summary', path)
      assert.equal(await page.locator(`[name="${field}"]`).getAttribute('aria-invalid'), 'true')
      assert.equal(await page.locator(`[name="${field}"]`).inputValue(), text, path)
    }

    const fresh = await startServer(t)
    const { page: stranger } = await withBrowser(t, options)
    await stranger.goto(await ownerLink(fresh))
    await check(stranger, 'the printed link')
    await stranger.locator('main button.primary').first().click()
    await stranger.locator('.summary [role="alert"]').waitFor()
    await check(stranger, 'the printed link, nothing typed')
  })
}

for (const width of [320, 1280]) {
  test(`with the keyboard alone, everything on every page is reached and seen, ${width} pixels wide`, async (t) => {
    const { page } = await signedIn(t, { viewport: { width, height: 800 } })
    for (const path of pages) {
      await page.goto(`${server.baseUrl}${path}`)
      assert.deepEqual(await walk(page), { missed: [], unseen: [] }, path)
    }
  })
}

test('with the keyboard alone, the menu can be passed, and leads to every part', async (t) => {
  const { page } = await signedIn(t)
  await page.goto(`${server.baseUrl}/admin`)
  await page.keyboard.press('Tab')
  assert.equal(await focused(page), 'To the contents')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.activeElement.id'), 'main')
  for (const part of ['Dashboard', 'Applications', 'Audit log', 'Webhooks', 'System']) {
    await tabTo(page, part)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: part }).waitFor()
  }
})

test('with the keyboard alone, an application is made and its traces found in the log', async (t) => {
  const { page } = await signedIn(t, { viewport: { width: 320, height: 640 } })
  const { keyboard } = page
  await page.goto(`${server.baseUrl}/admin/clients`)
  await tabTo(page, 'New application')
  await keyboard.press('Enter')
  await page.waitForURL('**/new')
  await tabTo(page, 'Express')
  await keyboard.press('Enter')
  await page.waitForURL('**/new?framework=express')
  await tabTo(page, 'Name')
  await keyboard.type('Made by keyboard')
  await tabTo(page, 'Redirect URIs')
  await keyboard.press('Control+A')
  await keyboard.type('https://*.shop.example/callback')
  await tabTo(page, 'Create the application')
  await keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await tabTo(page, 'Redirect URIs')
  await keyboard.press('Control+A')
  await keyboard.type('https://shop.example/callback')
  await tabTo(page, 'Create the application')
  await keyboard.press('Enter')
  await page.locator('#secret').waitFor()

  await page.goto(`${server.baseUrl}/admin/audit`)
  await tabTo(page, 'More filters')
  await keyboard.press('Enter')
  await tabTo(page, 'Event')
  await keyboard.type('client.*')
  await keyboard.press('Enter')
  await page.waitForURL('**/audit?*event=client.*')
  await tabTo(page, 'An application was created')
  await keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'An application was created' }).waitFor()
})

test('whoever cancels at the question can still say yes a moment later', async (t) => {
  const { page } = await signedIn(t)
  const { page: made } = await createPerson(owner, { name: 'Carla Cancel', username: 'carla' })
  await page.goto(made.url)
  const block = page.getByRole('button', { name: 'Block', exact: true })
  page.once('dialog', (dialog) => dialog.dismiss())
  await block.click()
  assert.equal(await page.getByRole('button', { name: 'Unblock' }).count(), 0)
  page.once('dialog', (dialog) => dialog.accept())
  await block.click()
  await page.getByRole('button', { name: 'Unblock' }).waitFor()
})
