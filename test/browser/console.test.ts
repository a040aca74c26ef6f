import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { becomeOwner } from '../admin/console.ts'
import { axe, type Person, withBrowser } from '../support/browser.ts'
import { startServer } from '../support/server.ts'
import { consolePages } from './console-pages.ts'

const server = await startServer({ after })
const { owner } = await becomeOwner(server)

/** A browser with the owner's session. */
const signedIn = async (
  t: Parameters<typeof withBrowser>[0],
  options: Parameters<typeof withBrowser>[1],
): Promise<Person> => {
  const person = await withBrowser(t, options)
  const cookies = owner.jar.header(new URL(`${server.baseUrl}/admin`)).split('; ')
  await person.context.addCookies(
    cookies.map((cookie) => {
      const at = cookie.indexOf('=')
      return {
        name: cookie.slice(0, at),
        value: cookie.slice(at + 1),
        url: server.baseUrl,
      }
    }),
  )
  return person
}

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

test('with the keyboard alone, every part of the console is reached from the first one', async (t) => {
  const { page } = await signedIn(t, {})
  await page.goto(`${server.baseUrl}/admin`)
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.className'), 'skip')
  const links = await page.locator('nav.menu .unfolded a').all()
  const reached = new Set<string>()
  for (let press = 0; press < 80 && reached.size < links.length; press += 1) {
    await page.keyboard.press('Tab')
    const href = await page.evaluate(
      'document.activeElement.closest(".unfolded") ? document.activeElement.getAttribute("href") : ""',
    )
    if (href) reached.add(String(href))
  }
  assert.equal(reached.size, links.length)
})
