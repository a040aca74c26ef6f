import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { becomeOwner } from '../admin/console.ts'
import { axe, type BrowserOptions, type Person } from '../support/browser.ts'
import type { Scope } from '../support/scope.ts'
import { startServer } from '../support/server.ts'
import { signedInBrowser } from './console-browser.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)

const signedIn = (t: Scope, options: BrowserOptions = {}): Promise<Person> =>
  signedInBrowser(t, server, owner, options)

test('a redirect URI is checked while it is typed', async (t) => {
  const person = await signedIn(t)
  const { page } = person
  await page.goto(`${server.baseUrl}/admin/clients/new?framework=express`)
  const uris = page.getByLabel('Redirect URIs')
  await uris.fill('https://*.shop.example/callback')
  await page.locator('.checked .wrong', { hasText: 'no wildcard' }).waitFor()
  assert.deepEqual(await axe(page), [])
  await uris.fill('https://shop.example/callback')
  await page.locator('.checked .wrong').waitFor({ state: 'detached' })
  person.assertNoComplaints()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a new secret is shown once, and can be copied, ${colorScheme}`, async (t) => {
    const person = await signedIn(t, { colorScheme, viewport: { width: 320, height: 640 } })
    const { page, context } = person
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`${server.baseUrl}/admin/clients/new?framework=express`)
    await page.getByLabel('Name').fill(`Shop, ${colorScheme}`)
    await page.getByRole('button', { name: 'Create the application' }).click()
    const secret = await page.locator('#secret').textContent()
    assert.match(secret!, /^[\w-]{43}$/)
    assert.deepEqual(await axe(page), [])
    const width = await page.evaluate('document.scrollingElement.scrollWidth')
    assert.ok(Number(width) <= 320, `${width} px wide`)
    assert.ok(!page.url().includes(secret!))
    await page.getByRole('button', { name: 'Copy the secret' }).click()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), secret)
    await page.getByRole('button', { name: 'Copy server.mjs' }).click()
    assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /\n {2}new URL\(/)

    await page.reload()
    assert.equal(await page.locator('#secret').count(), 0)
    assert.ok(!(await page.content()).includes(secret!))
  })
}

test('an application is tested, without JavaScript as well', async (t) => {
  for (const javaScript of [true, false]) {
    const { page, context } = await signedIn(t, {
      javaScript,
      viewport: { width: 320, height: 640 },
    })
    await page.goto(`${server.baseUrl}/admin/clients/demo/try`)
    await page.getByRole('button', { name: 'Test this application' }).click()
    await page.getByText('This is what the application would have got').waitFor()
    assert.match(await page.content(), /owner@example\.com/)
    if (javaScript) assert.deepEqual(await axe(page), [])
    await context.close()
  }
})
