/** What people with passkeys do on the hosted pages, over plain HTTP. */
import assert from 'node:assert/strict'
import type { CreationOptions, RequestOptions } from '#src/verification/index.ts'
import type { Visit, Visitor } from '../support/http.ts'
import {
  type SoftAuthenticator,
  type SoftOptions,
  softAuthenticator,
  type Wrong,
} from '../support/soft-passkeys.ts'
import { type Enrolled, enrolTotp, goodPassword } from './people.ts'
import { type Arrival, assertOn, type Site, tokensOf } from './site.ts'

/** What the page's script would ask for. */
export async function optionsOf(
  person: Visitor,
): Promise<{ get?: RequestOptions; create?: CreationOptions }> {
  const [, base] = /^(.*\/interaction\/[\w-]+)/.exec(person.here().url) ?? []
  // Another copy of the browser, so that this one stays on its page.
  const answer = await person.copy().post(`${base}/passkey`, {})
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.html)
}

/** Answers with the newest passkey. */
export async function answerPasskey(
  person: Visitor,
  authenticator: SoftAuthenticator,
  wrong: Wrong = {},
): Promise<Visit> {
  const { get } = await optionsOf(person)
  return person.submit('verify/passkey', { passkey: authenticator.get(get!, wrong) })
}

/** Takes what is offered. */
export async function takeOffer(person: Visitor, authenticator: SoftAuthenticator): Promise<Visit> {
  assertOn(person.here(), 'Sign in faster next time')
  const { create } = await optionsOf(person)
  return person.submit('verify/passkey', { passkey: authenticator.create(create!) })
}

export interface Owner {
  arrival: Arrival
  authenticator: SoftAuthenticator
  sub: string
}

/** A new person who signs in by email, and takes the passkey that is offered. */
export async function withSoftPasskey(
  site: Site,
  email: string,
  soft: Partial<SoftOptions> = {},
): Promise<Owner> {
  const authenticator = softAuthenticator({ origin: new URL(site.server.baseUrl).origin, ...soft })
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: email, passkey_support: 'ask' })
  await person.submit('verify/email-code', { code: await site.mail.codeFor(email, before) })
  await person.submit('profile', { name: 'Petra Passkey' })
  await takeOffer(person, authenticator)
  const [row] = await site.sql<{ user_id: string }>(
    `select user_id from identifiers where value = $1`,
    [email],
  )
  return { arrival, authenticator, sub: row!.user_id }
}

/** Makes an account with a username, a password, an authenticator app, and the passkey offered. */
export async function registerUsernameWithPasskey(
  site: Site,
  username: string,
  authenticator: SoftAuthenticator,
): Promise<Enrolled & { sub: string }> {
  const arrival = await site.arrive({ prompt: 'create' })
  const { person } = arrival
  await person.submit('identify', { identifier: username, passkey_support: 'ask' })
  await person.submit('profile', { name: 'Uma User', new_password: goodPassword })
  const enrolled = await enrolTotp(person)
  await takeOffer(person, authenticator)
  const { sub } = (await tokensOf(arrival)).claims()!
  return { ...enrolled, sub }
}
