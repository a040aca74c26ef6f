/** A browser that has proven all, and comes back for it only after the person has ended everything. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visitor } from '../support/http.ts'
import { answerCode, goodPassword, register } from './people.ts'
import { assertOn, openSite, tokensOf } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['email-code', 'sms-code', 'password'],
      profile: ['name'],
      mfa: { after_password: 'off' },
    },
  },
)
const { server, mail, sql } = site

/** Gives the last code, and stops where the browser would go on. */
const holdBack = async (email: string): Promise<{ thief: Visitor; resume: string }> => {
  const { person: thief } = await site.arrive()
  const before = new Date()
  await thief.submit('identify', { identifier: email })
  const { url } = thief.here()
  const code = await mail.codeFor(email, before)
  const action = `${/^.*\/interaction\/[\w-]+/.exec(url)![0]}/verify/email-code`
  const answer = await server.fetch(action, {
    method: 'POST',
    body: new URLSearchParams({ code }),
    headers: { cookie: thief.jar.header(new URL(url))!, origin: server.baseUrl },
  })
  const resume = answer.headers.get('location')!
  assert.match(resume, /\/oidc\/auth\/[\w-]+$/)
  return { thief, resume }
}

const assertWorthless = async ({ thief, resume }: { thief: Visitor; resume: string }) => {
  const page = await thief.open(resume)
  const code = page.left && new URL(page.left).searchParams.get('code')
  assert.equal(code, null, `${page.status} ${page.url} ${page.left}`)
}

test('a sign-in that is held back goes on where nothing has ended it', async () => {
  await register(site, 'ada@example.com')
  const { thief, resume } = await holdBack('ada@example.com')
  assert.ok((await thief.open(resume)).left)
})

test('it is worth nothing once its person has signed out everywhere', async () => {
  const { person } = await register(site, 'ben@example.com')
  const held = await holdBack('ben@example.com')
  await person.open('/oidc/session/end')
  await person.submit(({ names }) => names.has('everywhere'))
  await assertWorthless(held)
})

test('nor once they have ended what goes on elsewhere, on their account pages', async () => {
  const { person } = await register(site, 'cora@example.com')
  const held = await holdBack('cora@example.com')
  await person.open('/account/sessions/end-others')
  await person.submit('end-others')
  await assertWorthless(held)
})

test('nor once they have reset their password', async () => {
  await register(site, 'dan@example.com')
  const held = await holdBack('dan@example.com')
  const { person } = await site.arrive()
  await person.open(`${person.here().url}?mode=reset`)
  const before = new Date()
  await person.submit('identify', { identifier: 'dan@example.com' })
  await answerCode(site, person, 'dan@example.com', before)
  assertOn(person.here(), 'Choose a new password')
  await person.submit('profile', { new_password: goodPassword })
  assert.ok(person.here().left, 'the reset itself goes on')
  await assertWorthless(held)
})

test('an address that was taken away comes back by nothing that was sent to it', async () => {
  const arrival = await register(site, 'eve@example.com')
  const { person, sub } = arrival
  const before = new Date()
  await site.arrive({ prompt: 'login' }, { person })
  const code = await mail.codeFor('eve@example.com', before)
  await sql(`insert into identifiers (user_id, type, value, display, verified_at)
             values ('${sub}', 'phone', '+12015550144', '+1 201 555 0144', now())`)
  await sql(`delete from identifiers where user_id = $1 and type = 'email'`, [sub])
  const late = await person.submit('verify/email-code', { code })
  assert.equal(late.left, null)
  const mine = () => sql('select value from identifiers where user_id = $1', [sub])
  assert.deepEqual(await mine(), [{ value: '+12015550144' }])

  // Asked anew, it is what is still theirs.
  const again = await site.arrive({ prompt: 'login' }, { person })
  assertOn(person.here(), 'Check your text messages')
  const now = await mail.codeFor('+12015550144', before)
  await person.submit('verify/sms-code', { code: now })
  assert.equal((await tokensOf(again)).claims()!.sub, sub)
  assert.deepEqual(await mine(), [{ value: '+12015550144' }])
})
