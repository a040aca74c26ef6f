import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertSignedIn } from '../flows/site.ts'
import { type Enrolled, goThrough, type Member, openMembers } from './member.ts'

const site = await openMembers(
  { after },
  { sign_in_experience: { mfa: { after_password: 'off', after_passwordless: 'off' } } },
)

const member = async (days: number, ...has: Enrolled[]): Promise<Member> => {
  const made = await site.member(has)
  await site.sql(
    `update users set last_sign_in_at = now() - make_interval(days => $2) where id = $1`,
    [made.id, days],
  )
  return made
}

/** The pages of a sign-in in a new browser, after the one that asks who it is. */
const pages = async (who: Member, first = 'sms-code') => {
  const arrival = await site.arrive()
  const [, ...rest] = await goThrough(site, arrival.person, who, { first })
  return { arrival, rest: rest.join(' ') }
}

test('whoever comes by text message after half a year shows more, and then for long no more', async () => {
  const who = await member(181, 'phone', 'email')
  const { arrival, rest } = await pages(who)
  assert.equal(rest, 'sms-code email-code')
  await assertSignedIn(arrival, { amr: ['otp', 'sms', 'email'], acr: 'aal1' })
  assert.equal((await pages(who)).rest, 'sms-code')
})

test('by an authenticator app or a password, as they have it', async () => {
  assert.equal((await pages(await member(181, 'phone', 'totp'))).rest, 'sms-code totp')
  assert.equal((await pages(await member(181, 'phone', 'password'))).rest, 'sms-code password')
})

test('whoever has nothing else, was here lately or never, or comes another way, is not asked', async () => {
  assert.equal((await pages(await member(181, 'phone'))).rest, 'sms-code')
  assert.equal((await pages(await member(179, 'phone', 'email'))).rest, 'sms-code')
  assert.equal((await pages(await site.member(['phone', 'email']))).rest, 'sms-code')
  const byEmail = await pages(await member(181, 'phone', 'email'), 'email-code')
  assert.equal(byEmail.rest, 'email-code')
})
