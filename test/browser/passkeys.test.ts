import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { axe, withBrowser } from '../support/browser.ts'
import {
  byEmailCode,
  giveName,
  givePassword,
  giveTotp,
  heading,
  press,
  registerWithPassword,
  signIn,
  useAndSignOut,
} from './journeys.ts'
import {
  arrive,
  byEmail,
  forget,
  mail,
  passkeyOnly,
  says,
  shop,
  signOut,
  sql,
  usePasskey,
  withPasskey,
} from './passkeys.ts'
import {
  addAuthenticator,
  listenForSignals,
  takeOffer,
  withoutSuggestions,
  withQuietManager,
} from './virtual-authenticator.ts'

const password = 'quiet harbour lamps'
const nothing = async () => {}

test('a passkey is offered after a sign-in, and then signs in with one press', async (t) => {
  const { person, tokens, sub } = await withPasskey(t, 'press@example.com')
  await useAndSignOut(shop, person, tokens)
  await withoutSuggestions(person.page)
  const again = await signIn(shop, person.page, passkeyOnly, usePasskey)
  assert.equal(again.claims()!.sub, sub)
  await useAndSignOut(shop, person, again)
  person.assertNoComplaints()
})

test('a passkey signs in by what the browser suggests, without a press', async (t) => {
  const { person, sub } = await withPasskey(t, 'suggest@example.com')
  await forget(person)
  const again = await signIn(shop, person.page, passkeyOnly, nothing, 'commit')
  assert.equal(again.claims()!.sub, sub)
  person.assertNoComplaints()
})

test('a passkey follows a password, with other ways beside it', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  await withoutSuggestions(page)
  await addAuthenticator(page)
  await signIn(shop, page, { amr: ['otp'], acr: 'aal1' }, async () => {
    await registerWithPassword(page, 'paula', password)
    await takeOffer(page)
  })
  await forget(person)
  const both = { amr: ['hwk', 'user', 'pwd', 'mfa'], acr: 'phr' }
  await signIn(shop, page, both, async () => {
    await givePassword(page, 'paula', password)
    await heading(page, 'Use your passkey')
    await page.getByRole('button', { name: 'Use an authenticator app' }).waitFor()
    assert.deepEqual(await axe(page), [])
    await press(page, 'Use my passkey')
  })
  person.assertNoComplaints()
})

test('after a password, a password manager may make one without asking', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  const first = { amr: ['otp'], acr: 'aal1' }
  const { totpKey } = await new Promise<{ totpKey: string }>((resolve, reject) => {
    const register = async () => resolve(await registerWithPassword(page, 'quentin', password))
    signIn(shop, page, first, register).catch(reject)
  })
  await page.waitForURL((url) => url.href.startsWith(shop.redirectUri))
  await forget(person)
  const device = await addAuthenticator(page)
  await withQuietManager(page)
  await signIn(shop, page, { amr: ['otp', 'pwd', 'mfa'], acr: 'aal2' }, async () => {
    await givePassword(page, 'quentin', password)
    await giveTotp(page, totpKey, 1)
  })
  assert.equal((await device.credentials()).length, 1)
  const [row] = await sql<{ detail: string }>(
    `select detail from audit_events where event = 'factor.added' and method = 'passkey'
      order by id desc limit 1`,
  )
  assert.match(row!.detail, /Passkey/)
})

test('whoever is not verified is told, and signs in once they are', async (t) => {
  const { person, device, sub } = await withPasskey(t, 'verify@example.com')
  const { page } = person
  await forget(person)
  await withoutSuggestions(page)
  await device.verifies(false)
  const request = await arrive(page)
  await usePasskey(page)
  await says(page, /No passkey was used/)
  assert.deepEqual(await axe(page), [])
  await device.verifies(true)
  await usePasskey(page)
  const tokens = await shop.exchange(request, await shop.callback(request))
  assert.equal(tokens.claims()!.sub, sub)
})

test('whoever cancels goes on without one, and is not asked again in this browser', async (t) => {
  const person = await withBrowser(t)
  const { page } = person
  const device = await addAuthenticator(page)
  const come = (work: () => Promise<void>) =>
    signIn(shop, page, byEmail, async () => {
      await byEmailCode(page, mail, 'cancel@example.com')
      await work()
    })
  await come(async () => {
    await giveName(page, 'Carla Cancel')
    await heading(page, 'Sign in faster next time')
    assert.deepEqual(await axe(page), [])
    await device.verifies(false)
    await press(page, 'Create a passkey')
    await says(page, /No passkey was used or saved/)
    await press(page, 'Not now')
  })
  await signOut(person)
  await come(nothing)
  await sql(`update passkey_refusals set until = now() where until is not null`)
  await signOut(person)
  await come(async () => {
    await heading(page, 'Sign in faster next time')
    await press(page, 'Don’t ask again on this browser')
  })
  await signOut(person)
  await come(nothing)
  assert.deepEqual(await device.credentials(), [])
  person.assertNoComplaints()
})

test('a device that has a passkey already says so, and makes no other', async (t) => {
  const { person, device } = await withPasskey(t, 'twice@example.com')
  const { page } = person
  await forget(person)
  await withoutSuggestions(page)
  const [held] = await device.credentials()
  const id = Buffer.from(held!.credentialId, 'base64').toString('base64url')
  // As on the account's own pages, where more can be made.
  await page.route('**/passkey', async (route) => {
    const response = await route.fetch()
    const { create } = await response.json()
    const excludeCredentials = [{ type: 'public-key', id, transports: ['internal'] }]
    await route.fulfill({ response, json: { create: { ...create, excludeCredentials } } })
  })
  await arrive(page)
  await byEmailCode(page, mail, 'once@example.com')
  await giveName(page, 'Olga Once')
  await takeOffer(page)
  await says(page, /This device has a passkey for your account already/)
  assert.equal((await device.credentials()).length, 1)
})

test('whoever has made one in another tab meanwhile goes on without another', async (t) => {
  const person = await withBrowser(t)
  const [first, second] = [person.page, await person.context.newPage()]
  await addAuthenticator(first)
  await addAuthenticator(second)
  const come = async (page: Page) => {
    const request = await arrive(page)
    await byEmailCode(page, mail, 'tabs@example.com')
    return request
  }
  const request = await come(first)
  await giveName(first, 'Tina Tabs')
  await heading(first, 'Sign in faster next time')
  const other = await come(second)
  await heading(second, 'Sign in faster next time')
  // Browsers ask only on the page that is looked at.
  await first.bringToFront()
  await takeOffer(first)
  await shop.exchange(request, await shop.callback(request))
  await second.bringToFront()
  await press(second, 'Create a passkey')
  await says(second, /That did not work/)
  await press(second, 'Not now')
  await shop.exchange(other, await shop.callback(other))
})

test('a passkey that was removed here is told so, and the browser forgets it', async (t) => {
  const { person, device, sub } = await withPasskey(t, 'removed@example.com')
  const { page } = person
  await forget(person)
  await withoutSuggestions(page)
  await listenForSignals(page)
  await sql('delete from passkeys where user_id = $1', [sub])
  await arrive(page)
  await usePasskey(page)
  await page.getByText('This passkey is not known here any more').first().waitFor()
  await page.locator('html[data-told]').waitFor()
  const told = await page.evaluate<string>('document.documentElement.dataset.told')
  const [gone] = await device.credentials()
  const { rpId, credentialId } = JSON.parse(told)
  assert.equal(rpId, 'localhost')
  assert.deepEqual(
    Buffer.from(credentialId, 'base64url'),
    Buffer.from(gone!.credentialId, 'base64'),
  )
})
