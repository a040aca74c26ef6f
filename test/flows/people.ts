/** What people do on the hosted pages, over plain HTTP. */
import assert from 'node:assert/strict'
import { codeBefore } from '../browser/authenticator.ts'
import type { Visit, Visitor } from '../support/http.ts'
import { type Arrival, assertOn, type Site, tokensOf } from './site.ts'

export const goodPassword = 'quiet harbour lamps'

/** Says who they are, and gives the code that comes; `to` as a person would write it. */
export async function giveCode(site: Site, person: Visitor, to: string): Promise<Visit> {
  const before = new Date()
  await person.submit('identify', { identifier: to })
  return answerCode(site, person, to, before)
}

/** Gives the code that has come since `after` on the page that asks for it. */
export async function answerCode(
  { mail }: Site,
  person: Visitor,
  to: string,
  after: Date,
): Promise<Visit> {
  const code = await mail.codeFor(canonical(to), after)
  return person.submit(to.includes('@') ? 'verify/email-code' : 'verify/sms-code', { code })
}

const canonical = (to: string) => (to.startsWith('+') ? to.replaceAll(' ', '') : to)

export const giveName = async (person: Visitor, name: string): Promise<Visit> => {
  assertOn(person.here(), 'Complete your account')
  return person.submit('profile', { name })
}

/** A new person, back at the shop. */
export async function register(
  site: Site,
  to: string,
  name = 'Anna Muster',
  as: Parameters<Site['arrive']>[1] = {},
): Promise<Arrival & { sub: string }> {
  const arrival = await site.arrive({}, as)
  await giveCode(site, arrival.person, to)
  await giveName(arrival.person, name)
  const tokens = await tokensOf(arrival)
  return { ...arrival, sub: tokens.claims()!.sub }
}

/** As far as the second step. */
export async function givePassword(
  person: Visitor,
  identifier: string,
  password = goodPassword,
): Promise<Visit> {
  const page = await person.submit('identify', { identifier })
  if (!page.html.includes('current-password')) await person.submit('start/password')
  assertOn(person.here(), 'Enter your password')
  return person.submit('verify/password', { password })
}

export interface Enrolled {
  key: string
  backupCodes: readonly string[]
}

/**
 * Sets the authenticator app up and keeps the backup codes. Takes the code of the last half-minute,
 * so that those of this one and the next are left to sign in with.
 */
export async function enrolTotp(person: Visitor): Promise<Enrolled> {
  assertOn(person.here(), 'Set up an authenticator app')
  const key = /<code id="totp-key"[^>]*>([^<]+)</.exec(person.here().html)?.[1] ?? ''
  const page = await person.submit('verify/totp', { code: await codeBefore(key) })
  assertOn(page, 'Save your backup codes')
  const backupCodes = [...page.html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code!)
  assert.equal(new Set(backupCodes).size, 10)
  await person.submit('profile', { saved: 'on' })
  return { key, backupCodes }
}

/** Makes an account whose first way in is a username and a password. */
export async function registerUsername(
  site: Site,
  username: string,
): Promise<Arrival & Enrolled & { sub: string }> {
  const arrival = await site.arrive({ prompt: 'create' })
  await arrival.person.submit('identify', { identifier: username })
  const { names } = arrival.person.here().forms.find(({ action }) => action.endsWith('/profile'))!
  await arrival.person.submit('profile', {
    new_password: goodPassword,
    ...(names.has('name') ? { name: 'Uma User' } : {}),
  })
  const enrolled = await enrolTotp(arrival.person)
  const { sub } = (await tokensOf(arrival)).claims()!
  return { ...arrival, ...enrolled, sub }
}
