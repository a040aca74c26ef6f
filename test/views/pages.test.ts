import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type Fixture, fixtures } from '#src/admin/samples/index.ts'
import { axe, withBrowser } from '../support/browser.ts'
import { draw, i18n, withSite } from './site.ts'

const narrow = { width: 320, height: 640 }

const find = (name: string): Fixture => {
  const fixture = fixtures.find((each) => each.name === name)
  assert.ok(fixture, name)
  return fixture
}

/** Everything that hangs out of a window of this width. */
const overflow = (page: Page): Promise<string[]> =>
  page.evaluate(`
    document.documentElement.scrollWidth <= innerWidth
      ? []
      : [...document.querySelectorAll('body *')]
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1
            || one.getBoundingClientRect().left < -1)
          .map((one) => one.outerHTML.slice(0, 120))
  `)

/** Main buttons and fields that a thumb would miss. */
const small = (page: Page): Promise<string[]> =>
  page.evaluate(`
    [...document.querySelectorAll('main :is(button:not(.plain), select, .button, input:not(.unseen, [type=hidden], [type=checkbox]))')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
      .map((one) => one.outerHTML.slice(0, 120))
  `)

/** Loads a page, even one that goes on by itself at once. */
const load = async (page: Page, url: string) => {
  await page.goto(url, { waitUntil: 'commit' })
  while ((await page.evaluate('document.readyState')) !== 'complete') await page.waitForTimeout(5)
}

/** Texts that can hardly be read; needs {@link axe} to have run on the page. */
const pale = (page: Page): Promise<string[]> =>
  page.evaluate(`
    axe.run({ runOnly: { type: 'rule', values: ['color-contrast'] } }).then(({ violations }) =>
      violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)))
  `)

const [english, ...others] = i18n.languages

test('everybody can use every page, narrow, in light and dark', async (t) => {
  const site = await withSite(t)
  const person = await withBrowser(t, { viewport: narrow })
  const { page } = person
  for (const fixture of fixtures) {
    site.show(draw(fixture, english!))
    await page.emulateMedia({ colorScheme: 'light' })
    await load(page, site.url)
    assert.deepEqual(await axe(page), [], fixture.name)
    assert.deepEqual(await overflow(page), [], fixture.name)
    assert.deepEqual(await small(page), [], fixture.name)
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.deepEqual(await pale(page), [], `${fixture.name}, dark`)
  }
  person.assertNoComplaints()
})

for (const language of others) {
  test(`every page fits in a narrow window in ${language.code}`, async (t) => {
    const site = await withSite(t)
    const { page } = await withBrowser(t, { viewport: narrow })
    const [first] = fixtures
    site.show(draw(first!, language))
    await load(page, site.url)
    for (const fixture of fixtures) {
      // Only the words change, and to load a page takes ten times as long.
      const html = JSON.stringify(draw(fixture, language))
      await page.evaluate(
        `document.body.replaceWith(new DOMParser().parseFromString(${html}, 'text/html').body)`,
      )
      assert.deepEqual(await overflow(page), [], fixture.name)
      assert.deepEqual(await small(page), [], fixture.name)
    }
  })
}

test('everybody can use the pages that are read from right to left', async (t) => {
  const site = await withSite(t)
  const { page } = await withBrowser(t, { locale: 'ar' })
  const arabic = i18n.languages.find(({ dir }) => dir === 'rtl')
  // The markup is the same in all states of a view but for what is left out.
  const one = new Map(fixtures.map((fixture) => [fixture.view, fixture]))
  for (const fixture of one.values()) {
    site.show(draw(fixture, arabic!))
    await load(page, site.url)
    assert.deepEqual(await axe(page), [], fixture.name)
  }
})

const open = async (t: Parameters<typeof withSite>[0], name: string, javaScript = true) => {
  const site = await withSite(t)
  const { page, ...person } = await withBrowser(t, { javaScript })
  site.show(draw(find(name), english!))
  await load(page, site.url)
  return { site, page, person }
}

const sentOnce = async (site: Awaited<ReturnType<typeof withSite>>, expected: object[]) => {
  for (let turn = 0; turn < 40 && site.sent.length < expected.length; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.deepEqual(site.sent, expected)
}

test('a code that is pasted is sent by itself, once; one that is typed is not', async (t) => {
  const { site, page } = await open(t, 'interaction/code: a text message was sent')
  const field = page.locator('#code')
  await field.pressSequentially('482913')
  await sentOnce(site, [])
  await field.fill('')
  await field.fill('482 913')
  await sentOnce(site, [{ path: '/interaction/k3J9x/verify/sms-code', body: 'code=482+913' }])
  await field.fill('')
  await field.fill('482 914')
  await sentOnce(site, [{ path: '/interaction/k3J9x/verify/sms-code', body: 'code=482+913' }])
})

test('a double click sends one form', async (t) => {
  const { site, page } = await open(t, 'interaction/code: a text message was sent')
  await page.getByRole('button', { name: 'Send again' }).dblclick()
  await sentOnce(site, [{ path: '/interaction/k3J9x/resend', body: '' }])
})

test('what went wrong is read first, and leads to the field', async (t) => {
  const { page } = await open(t, 'interaction/code: a wrong code')
  assert.equal(await page.evaluate('document.activeElement.className'), 'summary')
  await page.locator('.summary a').click()
  assert.equal(await page.evaluate('document.activeElement.id'), 'code')
})

test('without a script the field that is wrong is where one types', async (t) => {
  const { page } = await open(t, 'interaction/code: a wrong code', false)
  await page.locator('#code:focus').waitFor()
})

test('the page goes on by itself once the link has been opened', async (t) => {
  const { site, page } = await open(t, 'interaction/code: an email with code and link')
  site.answerState({ state: 'moved', delivery: 'accepted' })
  await page.waitForURL('**/interaction/k3J9x')
})

test('the page tells when a message was taken, and when it was not', async (t) => {
  const { site, page } = await open(t, 'interaction/code: a text message is being sent')
  const said = page.locator('[data-poll] [role=status]')
  assert.match(await said.innerText(), /^We are sending/)
  await page.locator('[data-when=accepted]').waitFor()
  assert.match(await said.innerText(), /^We sent/)
  site.answerState({ state: 'waiting', delivery: 'failed' })
  await page.waitForURL('**/interaction/k3J9x')
})

test('nobody who is typing a code is interrupted by news of its delivery', async (t) => {
  const { site, page } = await open(t, 'interaction/code: a text message is being sent')
  await page.locator('#code').pressSequentially('4829')
  site.answerState({ state: 'waiting', delivery: 'unknown' })
  await page.waitForResponse('**/state')
  await page.waitForResponse('**/state')
  assert.equal(await page.locator('#code').inputValue(), '4829')
})

test('nobody is sent on while what they have sent is answered', async (t) => {
  const { site, page } = await open(t, 'interaction/code: a text message is being sent')
  await page.locator('#code').fill('4829')
  await page.getByRole('button', { name: 'Continue' }).click()
  site.answerState({ state: 'moved', delivery: 'accepted' })
  await page.waitForResponse('**/state')
  await page.waitForResponse('**/state')
  assert.equal(page.url(), site.url)
  assert.equal(site.sent.length, 1)
  // Unless no answer comes.
  await page.waitForURL('**/interaction/k3J9x')
})

test('the country is asked for when a number lacks its code', async (t) => {
  const { page } = await open(t, 'interaction/identify: sign in')
  const country = page.getByLabel('Country of the phone number')
  const cases = [
    ['anna@example.com', false],
    ['+41 79 123 45 67', false],
    ['0041 79 123 45 67', false],
    ['079 123 45 67', true],
    ['(079) 123', true],
    ['٠٧٩١٢٣', true],
    ['anna79', false],
  ] as const
  for (const [typed, asked] of cases) {
    await page.locator('#identifier').fill(typed)
    assert.equal(await country.isVisible(), asked, typed)
  }
})

test('without a script the country can always be chosen', async (t) => {
  const { page } = await open(t, 'interaction/identify: sign in', false)
  assert.ok(await page.getByLabel('Country of the phone number').isVisible())
  assert.ok(await page.getByRole('button', { name: 'Change' }).isVisible())
})

test('a password can be looked at, and is hidden again before it is sent', async (t) => {
  const { site, page } = await open(t, 'interaction/password: to sign in')
  const field = page.locator('#current-password')
  await field.fill('correct horse')
  await page.getByRole('button', { name: 'Show' }).click()
  assert.equal(await field.getAttribute('type'), 'text')
  assert.equal(await page.locator('[data-reveal-status]').innerText(), 'Your password is visible')
  await page.getByRole('button', { name: 'Continue' }).click()
  await sentOnce(site, [
    { path: '/interaction/k3J9x/verify/password', body: 'password=correct+horse' },
  ])
  assert.equal(await field.getAttribute('type'), 'password')
})

test('what needs a script is not there without one', async (t) => {
  for (const name of [
    'interaction/password: to sign in',
    'interaction/enroll-totp: a new app',
    'interaction/backup-codes: ten of them',
  ]) {
    const { page } = await open(t, name, false)
    for (const label of ['Show', 'Copy key', 'Copy', 'Print']) {
      const button = page.getByRole('button', { name: label, exact: true })
      assert.equal(await button.count(), 0, `${name}: ${label}`)
    }
    assert.ok((await page.getByRole('button').count()) > 0, name)
  }
})

test('backup codes are copied one to a line, and printed without the rest of the page', async (t) => {
  const { page, person } = await open(t, 'interaction/backup-codes: ten of them')
  await person.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor()
  const lines = String(await page.evaluate('navigator.clipboard.readText()')).split('\n')
  assert.equal(lines.length, 10)
  assert.match(lines[9]!, /^7K2M-9QXF-9DPR-V4TB$/)
  await page.emulateMedia({ media: 'print' })
  assert.ok(await page.locator('.codes').isVisible())
  assert.equal(await page.locator('form:visible').count(), 0)
})

test('the link goes on by itself in the browser that asked, and in no other', async (t) => {
  const first = await open(t, 'link: first browser')
  await sentOnce(first.site, [{ path: '/l/Zk3vJ1', body: '' }])
  const other = await open(t, 'link: other browser')
  await sentOnce(other.site, [])
})

test('the language changes as soon as it is chosen, and with a button from the keyboard', async (t) => {
  const { page } = await open(t, 'interaction/identify: sign in')
  const menu = page.locator('#lang')
  assert.ok(await page.getByRole('button', { name: 'Change' }).isHidden())
  await menu.press('ArrowDown')
  assert.ok(await page.getByRole('button', { name: 'Change' }).isVisible())
  await menu.dispatchEvent('pointerdown')
  await menu.selectOption('de')
  await page.waitForURL('**/interaction/k3J9x?mode=sign-in&lang=de')
})
