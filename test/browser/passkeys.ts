/** A site for people with passkeys, and somebody who has one. */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { Page } from 'playwright-core'
import { generous, openSite } from '../flows/site.ts'
import { type Person, withBrowser } from '../support/browser.ts'
import type { Scope } from '../support/scope.ts'
import { byEmailCode, giveName, heading, press, settings, signIn } from './journeys.ts'
import { addAuthenticator, takeOffer } from './virtual-authenticator.ts'

export const site = await openSite({ after }, { ...settings, limits: generous })
export const { shop, mail, sql, server } = site

export const passkeyOnly = { amr: ['hwk', 'user', 'mfa'], acr: 'phr' }
export const byEmail = { amr: ['otp', 'email'], acr: 'aal1' }

export const usePasskey = (page: Page) => press(page, 'Sign in with a passkey')

/** A new person in a browser of their own, who takes the passkey that is offered. */
export const withPasskey = async (t: Scope, email: string) => {
  const person = await withBrowser(t)
  const device = await addAuthenticator(person.page)
  const tokens = await signIn(shop, person.page, byEmail, async (page) => {
    await byEmailCode(page, mail, email)
    await giveName(page, 'Petra Passkey')
    await takeOffer(page)
  })
  await person.page.waitForURL((url) => url.href.startsWith(shop.redirectUri))
  assert.equal((await device.credentials()).length, 1)
  return { person, device, tokens, sub: tokens.claims()!.sub }
}

/** As if they had come with another browser of the same device. */
export const forget = ({ context }: Person) => context.clearCookies()

/** As if a long time had gone by. */
export const signOut = ({ context }: Person) => context.clearCookies({ name: /session/ })

/** At the page that asks who it is. */
export const arrive = async (page: Page) => {
  const request = await shop.authorize({ scope: 'openid' })
  await page.goto(request.url)
  await heading(page, 'Sign in to Shop')
  return request
}

/** Waits for what the page says of a passkey that did not come. */
export const says = (page: Page, words: RegExp): Promise<void> =>
  page.getByRole('alert').filter({ hasText: words }).waitFor()
