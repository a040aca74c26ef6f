import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visitor } from '../support/http.ts'
import { goodPassword } from './people.ts'
import { assertOn, assertSignedIn, openSite } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: { methods: ['password', 'sms-code'], profile: ['password'] },
  },
)

/** A click whose answer the browser no longer waits for, since another click has come. */
async function clickBefore(person: Visitor, form: string, fields: Record<string, string>) {
  const { url, forms } = person.here()
  const action = forms.find((each) => each.action.endsWith(form))?.action ?? ''
  const target = new URL(action, url)
  const { status } = await site.server.fetch(target, {
    method: 'POST',
    headers: { cookie: person.jar.header(target), 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields),
  })
  assert.equal(status, 303)
}

/** Gives a form twice. */
async function twice(person: Visitor, form: string, fields: Record<string, string>) {
  await clickBefore(person, form, fields)
  return person.submit(form, fields)
}

test('whoever clicks everything twice goes on, and hears of no fault', async () => {
  const phone = '+12015550149'
  const registering = await site.arrive({ prompt: 'create' })
  const first = new Date()
  const asked = await twice(registering.person, 'identify', { identifier: phone })
  assertOn(asked, 'Check your text messages')
  assert.equal(asked.status, 200)
  const profile = await twice(registering.person, 'verify/sms-code', {
    code: await site.mail.codeFor(phone, first),
  })
  assertOn(profile, 'Complete your account')
  assert.equal(profile.status, 200)
  await twice(registering.person, 'profile', { new_password: goodPassword })
  await assertSignedIn(registering, { amr: ['otp', 'sms'], acr: 'aal1' })

  const returning = await site.arrive()
  const second = new Date()
  await twice(returning.person, 'identify', { identifier: phone })
  const code = await twice(returning.person, 'verify/password', { password: goodPassword })
  assertOn(code, 'Check your text messages')
  assert.equal(code.status, 200)
  await twice(returning.person, 'verify/sms-code', {
    code: await site.mail.codeFor(phone, second),
  })
  await assertSignedIn(returning, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})
