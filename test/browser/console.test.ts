import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { becomeOwner } from '../admin/console.ts'
import { createPerson } from '../admin/console-people.ts'
import { axe, type BrowserOptions, type Person } from '../support/browser.ts'
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

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page of the console can be used by everyone, ${colorScheme}, 320 pixels wide`, async (t) => {
    const person = await signedIn(t, { colorScheme, viewport: { width: 320, height: 640 } })
    for (const path of pages) {
      await person.page.goto(`${server.baseUrl}${path}`)
      assert.deepEqual(await axe(person.page), [], path)
      const width = await person.page.evaluate('document.scrollingElement.scrollWidth')
      assert.ok(Number(width) <= 320, `${path} is ${width} px wide`)
      assert.equal(await person.page.locator('h1').count(), 1, path)
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
      assert.equal(await page.locator('html').getAttribute('lang'), locale, path)
      // The source of an email is text here.
      const html = (await page.content()).replace(/<textarea.*?<\/textarea>/gs, '')
      assert.doesNotMatch(html, /\sstyle=|<style|\son[a-z]+=|javascript:|undefined|\[object/i, path)
    }
  }
})

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
