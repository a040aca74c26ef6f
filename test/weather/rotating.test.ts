/** `SECRET_KEYS` from one secret to the next, as docs/operations.md has it, to its end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ops, program } from '../admin/api.ts'
import { totpCode } from '../browser/authenticator.ts'
import { enrolTotp, giveCode } from '../flows/people.ts'
import { generous, type Site, tokensOf } from '../flows/site.ts'
import { database } from '../oidc/provider.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { loopbackFetch } from '../support/loopback.ts'
import { relyingParty } from '../support/relying-party.ts'
import { roundRobin } from '../support/round-robin.ts'
import { startServer } from '../support/server.ts'
import { startTwilio } from '../support/twilio-double.ts'
import { receiver } from '../webhooks/receiver.ts'

const oldSecret = 'the-secret-of-last-year-the-secret-of-last-year'
const newSecret = 'the-secret-of-this-year-the-secret-of-this-year'
const heldSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

test('after a rotation to its end, connectors, webhooks and authenticator apps go on working', async (t) => {
  const { url: databaseUrl, drop } = await createDatabase()
  t.after(drop)
  const sql = database(t, { databaseUrl })
  const [shop, front, twilio, called] = [
    await relyingParty(t),
    await roundRobin(t),
    await startTwilio(t),
    await receiver(t),
  ]
  const held = { id: 'held', url: called.url, events: ['test.*'], secret: heldSecret }
  const file = {
    limits: generous,
    sign_in_experience: {
      identifiers: ['email'],
      methods: ['email-code'],
      profile: [],
      mfa: { after_passwordless: 'required' },
    },
    clients: [program('ops'), shop.registration],
    webhooks: [held],
  }
  const address = { issuer: `${front.origin}/oidc`, baseUrl: front.origin }
  const there = { ...address, fetch: loopbackFetch(front.origin) }
  const start = async (SECRET_KEYS: string) => {
    const options = { databaseUrl, config: file, baseUrl: front.origin, env: { SECRET_KEYS } }
    const server = await startServer(t, options)
    front.forwardTo([server.address])
    await shop.discover(there)
    return { ...(await ops(server)), stop: server.stop }
  }
  const site = {
    mail: inbox(there),
    async arrive() {
      const person = visitor(there)
      const at = Math.floor(Date.now() / 1000)
      const request = await shop.authorize()
      await person.open(request.url)
      await giveCode(site as Site, person, 'anna@example.com')
      return { person, party: shop, request, at }
    },
  } as Pick<Site, 'mail' | 'arrive'>
  const sealed = () =>
    sql<{ connector: string; totp: string; hooks: string[] }>(
      `select (select encode(substring(config from 1 for 4), 'hex') from connectors) as connector,
              (select encode(substring(sealed from 1 for 4), 'hex') from totp_secrets) as totp,
              (select array_agg(encode(substring(each from 1 for 4), 'hex')) from webhooks,
                 unnest(array[secret, previous_secret]) each where each is not null) as hooks`,
    )

  const first = await start(oldSecret)
  const credentials = { accountSID: 'AClive', authToken: 'a-token-of-this-account' }
  const config = { ...credentials, fromNumber: '+15550100', baseUrl: twilio.baseUrl }
  const connector = { id: 'live', connector: 'twilio-sms', config }
  assert.equal((await first.call('POST', '/connectors', connector)).status, 201)
  const hook = (await first.call('POST', '/webhooks', { url: called.url, events: ['user.*'] })).body
  // For a day, the secret before signs as well.
  await first.call('POST', `/webhooks/${hook.id}/secret`, {})
  const enrolled = await site.arrive()
  const { key } = await enrolTotp(enrolled.person)
  const { sub } = (await tokensOf(enrolled)).claims()!
  const [old] = await sealed()
  await first.stop()

  const second = await start(`${newSecret},${oldSecret}`)
  const deadline = Date.now() + 20_000
  let [now] = await sealed()
  while (now!.totp === old!.totp && Date.now() < deadline) {
    await sleep(100)
    now = (await sealed())[0]
  }
  assert.notEqual(now!.totp, old!.totp)
  assert.notEqual(now!.connector, old!.connector)
  assert.equal(now!.hooks.length, 3)
  for (const each of now!.hooks) assert.ok(!old!.hooks.includes(each))
  await second.stop()

  const third = await start(newSecret)
  const { body: told } = await third.call('GET', '/system/doctor')
  const secrets = told.data.filter(({ check }: { check: string }) => check === 'secrets')
  assert.deepEqual(
    secrets.map(({ code }: { code: string }) => code),
    ['secrets.open'],
  )
  const { body: sent } = await third.call('POST', '/connectors/test', {
    ...connector,
    to: '+41791234567',
  })
  assert.equal(sent.accepted, true, JSON.stringify(sent))
  for (const id of [hook.id, 'held']) {
    const { body: tried } = await third.call('POST', `/webhooks/${id}/test`)
    assert.equal(tried.status, 204, JSON.stringify(tried))
  }
  const { body: made } = await third.call('POST', '/users', { name: 'Ben' })
  await called.until(({ message }) => message.data.userId === made.id)
  const arrival = await site.arrive()
  await arrival.person.submit('verify/totp', { code: totpCode(key) })
  assert.equal((await tokensOf(arrival)).claims()!.sub, sub)
  await third.stop()
})
