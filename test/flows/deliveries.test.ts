import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Visitor } from '../support/http.ts'
import { type Received, reply, startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { accepts, hangsUp, refuses, startTwilio } from '../support/twilio-double.ts'
import { goodPassword } from './people.ts'
import { type Arrival, assertOn, assertSignedIn, assertWhole, openSite, tokensOf } from './site.ts'

const twilio = await startTwilio({ after })
const smtp = await startSmtp(
  { after },
  {
    onRecipient: (address) =>
      address.startsWith('full') ? reply(552, 'The mailbox is full') : undefined,
  },
)
const site = await openSite(
  { after },
  {
    sign_in_experience: { methods: ['sms-code', 'email-link', 'password'], profile: ['password'] },
    connectors: [
      {
        id: 'sms',
        connector: 'twilio-sms',
        config: {
          accountSID: 'AC0123456789',
          authToken: 'token-of-the-test',
          fromNumber: '+15550100',
          baseUrl: twilio.baseUrl,
        },
      },
      {
        id: 'mail',
        connector: 'smtp-email',
        config: {
          host: 'localhost',
          port: smtp.port,
          tls: { ca: certificate },
          fromEmail: 'Shop <hello@example.com>',
        },
      },
    ],
  },
)
const { sql } = site

const statePath = (person: Visitor) => /data-poll="([^"]+)"/.exec(person.here().html)?.[1]

const stateOf = async (person: Visitor, path: string): Promise<string | null> =>
  JSON.parse((await person.copy().open(path)).html).delivery

/** Asks like the page's script, until the message is no longer on its way. */
async function settled(person: Visitor): Promise<string | null> {
  const path = `${new URL(person.here().url).pathname}/state?proven=0`
  const deadline = Date.now() + 15_000
  let state = await stateOf(person, path)
  while (state === 'sending' && Date.now() < deadline) {
    await sleep(30)
    state = await stateOf(person, path)
  }
  return state
}

const lastText = () => twilio.asked.at(-1)!.form

async function registerPhone(phone: string): Promise<Arrival> {
  const arrival = await site.arrive({ prompt: 'create' })
  await arrival.person.submit('identify', { identifier: phone })
  assert.equal(await settled(arrival.person), 'accepted')
  const code = /\d{6}/.exec(lastText().Body!)![0]
  await arrival.person.submit('verify/sms-code', { code })
  await arrival.person.submit('profile', { new_password: goodPassword })
  return arrival
}

test('a sign-in by a text message of Twilio’s', async () => {
  const before = twilio.asked.length
  const arrival = await registerPhone('+1 201 555 0190')
  await assertWhole(site, arrival, { amr: ['otp', 'sms'], acr: 'aal1' })
  assert.equal(twilio.asked.length, before + 1)
  assert.deepEqual([lastText().To, lastText().From], ['+12015550190', '+15550100'])
})

test('a sign-in by a link of an email', async () => {
  const arrival = await site.arrive()
  await arrival.person.submit('identify', { identifier: 'anna@example.com' })
  assert.equal(await settled(arrival.person), 'accepted')
  const { recipients, mail } = smtp.received.at(-1) as Received
  assert.deepEqual(recipients, ['anna@example.com'])
  const link = /http:\/\/localhost:\d+\/l\/[\w-]{43}/.exec(mail.text!)![0]
  assert.ok(mail.html!.includes(link), 'both parts have it')
  await arrival.person.open(link)
  await arrival.person.submit(({ action }) => action === link)
  await arrival.person.submit('profile', { new_password: goodPassword })
  await assertWhole(site, arrival, { amr: ['email'], acr: 'aal1' })
})

test('the page says that a message is on its way for as long as it is', async () => {
  let waiting: (() => void) | null = null
  twilio.answer = (response: ServerResponse, asked) => {
    waiting = () => accepts(response, asked)
  }
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: '+1 201 555 0191' })
  assertOn(person.here(), 'Check your text messages')
  assert.match(person.here().html, /data-delivery="sending"/)
  const path = statePath(person)!
  while (waiting === null) await sleep(10)
  assert.equal(await stateOf(person, path), 'sending')
  ;(waiting as () => void)()
  twilio.answer = accepts
  assert.equal(await settled(person), 'accepted')
  await person.open(person.here().url)
  assert.match(person.here().html, /data-delivery="accepted"/)
})

test('a text message that is refused is not said to be sent, and another way is offered', async () => {
  await registerPhone('+1 201 555 0192')
  twilio.answer = refuses(400, 21211)
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: '+1 201 555 0192' })
  assert.equal(await settled(person), 'failed')
  const page = await person.open(person.here().url)
  assertOn(page, 'The text message was not sent')
  assert.match(page.text, /We could not send the text message to \+1 201 555 0192/)
  assert.deepEqual(
    page.forms
      .filter(({ method }) => method === 'POST')
      .map(({ action }) => action.split('/').slice(5).join('/')),
    ['resend', 'start/password'],
  )

  twilio.answer = accepts
  await person.submit('resend')
  assert.equal(await settled(person), 'accepted')
  assertOn(await person.open(page.url), 'Check your text messages')
  await person.submit('verify/sms-code', { code: /\d{6}/.exec(lastText().Body!)![0] })
  await assertSignedIn(arrival, { amr: ['otp', 'sms'], acr: 'aal1' })
})

test('a vendor that can not be reached is told, and one whose answer is lost is not asked again', async () => {
  twilio.answer = refuses(503, 20503)
  const down = await site.arrive()
  await down.person.submit('identify', { identifier: '+1 201 555 0193' })
  assert.equal(await settled(down.person), 'failed')

  twilio.answer = hangsUp
  const before = twilio.asked.length
  const lost = await site.arrive()
  await lost.person.submit('identify', { identifier: '+1 201 555 0194' })
  assert.equal(await settled(lost.person), 'unknown')
  const page = await lost.person.open(lost.person.here().url)
  assertOn(page, 'Check your text messages')
  assert.match(page.text, /may be on its way.*We could not make sure of it/)
  assert.ok(
    page.forms.some(({ names }) => names.has('code')),
    'it may still arrive',
  )
  assert.equal(twilio.asked.length, before + 1)
  twilio.answer = accepts
})

test('an email that is refused is not said to be sent', async () => {
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'full@example.com' })
  assert.equal(await settled(person), 'failed')
  const page = await person.open(person.here().url)
  assertOn(page, 'The email was not sent')
  assert.match(page.text, /We could not send the email to full@example\.com/)
  const [row] = await sql<{ failure: string; body: unknown }>(
    'select failure, body from deliveries order by created_at desc limit 1',
  )
  assert.deepEqual(row, { failure: 'rejected', body: null }, 'and what it held is erased')
})

test('where the second factor can not be sent, the email address is offered instead', async () => {
  const owner = await registerPhone('+1 201 555 0195')
  const { sub } = (await tokensOf(owner)).claims()!
  await sql(
    `insert into identifiers (user_id, type, value, display, verified_at)
     values ($1, 'email', 'bella@example.com', 'bella@example.com', now())`,
    [sub],
  )
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: 'bella@example.com' })
  await settled(person)
  twilio.answer = refuses(400, 21610)
  await person.submit('start/password')
  await person.submit('verify/password', { password: goodPassword })
  await settled(person)
  const page = await person.open(person.here().url)
  assertOn(page, 'The text message was not sent')
  assert.match(page.text, /\+1 ••• ••95/, 'the number is masked')
  assert.doesNotMatch(page.html, /0195/)
  assert.match(page.text, /Email a code to bella@example\.com/)
  await person.submit('start/email-code')
  assert.equal(await settled(person), 'accepted')
  const { mail } = smtp.received.at(-1) as Received
  await person.submit('verify/email-code', { code: /\b\d{6}\b/.exec(mail.text!)![0] })
  await assertSignedIn(arrival, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
  twilio.answer = accepts
})
