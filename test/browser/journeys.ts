/** What a person does on the hosted pages, found by the words that they read there. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Person } from '../support/browser.ts'
import type { Inbox } from '../support/inbox.ts'
import type { RelyingParty, Tokens } from '../support/relying-party.ts'
import { totpCode } from './authenticator.ts'

/** Settings under which one browser can try everything within a minute. */
export const settings = {
  sign_in_experience: { identifiers: ['email', 'phone', 'username'] },
  limits: { resend: [0], sends_per_hour: 100, sends_per_day: 100, sends_per_address: 10_000 },
}

const patienceMs = 10_000

/**
 * A new tab of the same browser with the page at `url`. It stays open as long as the browser does:
 * Chromium may never answer who closes a tab while a page begins in it (crbug.com/536385539).
 */
const inAnotherTab = async (page: Page, url: string): Promise<Page> => {
  const tab = await page.context().newPage()
  await tab.goto(url)
  return tab
}

/** Types as fingers do, so that nothing is sent before the button is pressed. */
export const type = async (page: Page, label: string | RegExp, text: string): Promise<void> => {
  await page.getByRole('textbox', { name: label }).pressSequentially(text)
}

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).click()

/** Waits for the page with this heading, and its scripts. @throws with what is there instead */
export const heading = async (page: Page, words: string | RegExp): Promise<void> => {
  const wanted = page.getByRole('heading', { level: 1, name: words })
  await wanted.waitFor({ timeout: patienceMs }).catch(async () => {
    const there = await page.locator('main').innerText()
    throw new assert.AssertionError({
      message: `No heading "${words}" at ${page.url()}:\n${there}`,
    })
  })
  await page.waitForLoadState()
}

export const identify = async (page: Page, identifier: string): Promise<void> => {
  await type(page, /^Email address/, identifier)
  await press(page, 'Continue')
}

export const giveName = async (page: Page, name: string): Promise<void> => {
  await type(page, 'Full name', name)
  await press(page, 'Continue')
}

/** With the code of the text message. */
export const bySmsCode = async (page: Page, mail: Inbox, to: string): Promise<void> => {
  const before = new Date()
  await identify(page, to)
  await heading(page, 'Check your text messages')
  await type(page, 'Code from the text message', await mail.codeFor(to, before))
  await press(page, 'Continue')
}

/** With the code of the email. */
export const byEmailCode = async (page: Page, mail: Inbox, to: string): Promise<void> => {
  const before = new Date()
  await identify(page, to)
  await heading(page, 'Check your email')
  await type(page, 'Code from the email', await mail.codeFor(to, before))
  await press(page, 'Continue')
}

/**
 * With the link of the email, in another tab of the same browser. The page behind it continues by
 * itself where scripts run, and with one click where none does.
 *
 * @returns that tab
 */
export const byEmailLink = async (
  page: Page,
  mail: Inbox,
  to: string,
  scripts = true,
): Promise<Page> => {
  const before = new Date()
  await identify(page, to)
  await heading(page, 'Check your email')
  const tab = await inAnotherTab(page, await mail.linkFor(to, before))
  if (!scripts) await press(tab, 'Continue')
  return tab
}

export interface Enrolled {
  totpKey: string
  backupCodes: readonly string[]
}

/** Sets the authenticator app up and keeps the backup codes. */
export const enrolTotp = async (page: Page): Promise<Enrolled> => {
  await heading(page, 'Set up an authenticator app')
  const totpKey = (await page.locator('#totp-key').textContent()) ?? ''
  await type(page, 'Code from the app', totpCode(totpKey))
  await press(page, 'Turn on')
  await heading(page, 'Save your backup codes')
  const backupCodes = await page.locator('#codes code').allTextContents()
  assert.equal(backupCodes.length, 10)
  await page.getByLabel('I have saved these codes').check()
  await press(page, 'Continue')
  return { totpKey, backupCodes }
}

/** A new account with a username, a password and an authenticator app. */
export const registerWithPassword = async (
  page: Page,
  username: string,
  password: string,
): Promise<Enrolled> => {
  await page.getByRole('link', { name: 'Create an account' }).click()
  await identify(page, username)
  await type(page, 'Full name', 'Paula Password')
  await type(page, 'New password', password)
  await press(page, 'Continue')
  return enrolTotp(page)
}

/** As far as the second step. */
export const givePassword = async (
  page: Page,
  identifier: string,
  password: string,
): Promise<void> => {
  await identify(page, identifier)
  await heading(page, 'Enter your password')
  await type(page, 'Password', password)
  await press(page, 'Continue')
}

export const giveTotp = async (page: Page, key: string, ahead: number): Promise<void> => {
  await heading(page, 'Open your authenticator app')
  await type(page, 'Code from the app', totpCode(key, ahead))
  await press(page, 'Continue')
}

export const giveBackupCode = async (page: Page, code: string): Promise<void> => {
  await press(page, 'Use a backup code')
  await heading(page, 'Enter a backup code')
  await type(page, 'Backup code', code)
  await press(page, 'Continue')
}

export interface Expected {
  amr: readonly string[]
  acr: string
}

const scope = 'openid profile email phone offline_access'

/** A page that waits goes on by itself, maybe at this very moment: the person then asks once more. */
const goTo = async (page: Page, url: string, waitUntil: 'load' | 'commit'): Promise<void> => {
  try {
    await page.goto(url, { waitUntil })
  } catch (error) {
    if (!(error as Error).message.includes('interrupted by another navigation')) throw error
    await page.goto(url, { waitUntil })
  }
}

/**
 * Gets tokens for the person and checks what the ID token says; the browser does `work`, once the
 * first page is there: `commit` for one that goes on by itself before it has been loaded.
 */
export const signIn = async (
  shop: RelyingParty,
  page: Page,
  expected: Expected,
  work: (page: Page) => Promise<unknown>,
  until: 'load' | 'commit' = 'load',
): Promise<Tokens> => {
  const before = Math.floor(Date.now() / 1000)
  const request = await shop.authorize({ scope })
  await goTo(page, request.url, until)
  await work(page)
  const tokens = await shop.exchange(request, await shop.callback(request))
  const claims = tokens.claims()!
  assert.deepEqual([...(claims.amr as string[])].sort(), [...expected.amr].sort())
  assert.equal(claims.acr, expected.acr)
  assert.equal(claims.nonce, request.nonce)
  assert.ok(typeof claims.sid === 'string' && claims.sid.length > 20, 'sid')
  assert.ok(claims.auth_time! >= before && claims.auth_time! <= Date.now() / 1000 + 1, 'auth_time')
  return tokens
}

/**
 * Asks without a page whether the browser of `page` is signed in; the relying party's answer, its
 * `error`. In a tab of its own, since a page that waits may go on by itself at this very moment.
 */
export const askSilently = async (shop: RelyingParty, page: Page): Promise<string | null> => {
  const request = await shop.authorize({ prompt: 'none' })
  await inAnotherTab(page, request.url)
  return new URL(await shop.callback(request)).searchParams.get('error')
}

/** Userinfo, refresh, single sign-on and sign-out, after which nothing of it works any more. */
export const useAndSignOut = async (
  shop: RelyingParty,
  { page }: Person,
  tokens: Tokens,
): Promise<void> => {
  const { sub, auth_time: at, sid } = tokens.claims()!
  assert.equal((await shop.userinfo(tokens)).sub, sub)
  const refreshed = await shop.refresh(tokens)
  assert.equal(refreshed.claims()!.sub, sub)
  assert.equal(refreshed.claims()!.auth_time, at)
  assert.equal(refreshed.claims()!.sid, sid)
  assert.equal((await shop.userinfo(refreshed)).sub, sub)

  assert.equal(await askSilently(shop, page), null, 'the browser is signed in')
  const tab = await inAnotherTab(page, shop.logoutUrl(refreshed))
  await tab.waitForURL((url) => url.href.startsWith(shop.signedOutUri), { timeout: patienceMs })
  assert.equal(await askSilently(shop, page), 'login_required')
  await assert.rejects(shop.refresh({ ...tokens, ...refreshed }), { error: 'invalid_grant' })
}
