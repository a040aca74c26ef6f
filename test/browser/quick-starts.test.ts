import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findFramework } from '#src/admin/console/clients/frameworks.ts'
import { becomeOwner } from '../admin/console.ts'
import { hindrance, type Needs, runSnippets, snippetsOf } from '../admin/snippets.ts'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { freePort } from '../support/ports.ts'
import { startServer } from '../support/server.ts'
import { byEmailCode, giveName, press } from './journeys.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)

const needs: Record<string, Needs> = {
  nextjs: { runtime: ['npm', '--version'], packages: ['npm', 'view', 'next-auth@4', 'version'] },
  react: {
    runtime: ['npm', '--version'],
    packages: ['npm', 'view', 'react-oidc-context', 'version'],
  },
}

/** Of a page that is compiled when it is first asked for. */
const compileMs = 120_000

const patienceMs = 30_000

/**
 * Presses until the page of the server is there: a page in development loads itself again when a part of
 * it has been compiled, and forgets what was pressed.
 */
const leave = async (page: Page): Promise<void> => {
  const button = page.getByRole('button', { name: 'Sign in' })
  await button.click({ timeout: compileMs })
  const again = setInterval(() => button.click({ timeout: 1000 }).catch(() => {}), patienceMs)
  await page
    .waitForURL(`${server.baseUrl}/**`, { timeout: compileMs })
    .finally(() => clearInterval(again))
}

const runs = async (t: TestContext, framework: string): Promise<void> => {
  const hindered = await hindrance(needs[framework]!)
  if (hindered) return t.skip(hindered)
  const origin = `http://localhost:${await freePort()}`
  const { pathname } = new URL(findFramework(framework)!.redirectUri)
  await owner.open(`${server.baseUrl}/admin/clients/new?framework=${framework}`)
  const made = await owner.submit('new', {
    client_id: `made-with-${framework}`,
    redirect_uris: `${origin}${pathname}`,
  })
  await runSnippets(t, snippetsOf(made.html), origin)

  const { page, complaints } = await withBrowser(t)
  await page.goto(origin, { timeout: compileMs })
  await leave(page)
  const email = `${framework}@example.com`
  await byEmailCode(page, inbox(server), email)
  await giveName(page, 'Ada Example')
  // Nothing proves which program runs in a browser, so people are asked.
  if (framework === 'react') await press(page, 'Allow')
  const shown = page.locator('pre')
  await shown.waitFor({ timeout: patienceMs }).catch(async () => {
    const there = await page.locator('body').innerText()
    assert.fail([`Nobody is signed in at ${page.url()}:`, there, ...complaints()].join('\n'))
  })
  const claims: { email?: string } = JSON.parse((await shown.textContent()) ?? '')
  assert.equal(claims.email, email)
  assert.equal(new URL(page.url()).origin, origin)
}

for (const framework of Object.keys(needs)) {
  test(`the code for ${framework} that the console shows signs somebody in, in a browser`, (t) =>
    runs(t, framework))
}
