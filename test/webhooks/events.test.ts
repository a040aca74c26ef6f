import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ops, program } from '../admin/api.ts'
import { enrolTotp, giveCode, goodPassword } from '../flows/people.ts'
import { openSite, tokensOf } from '../flows/site.ts'
import { startProduction } from '../hostile/production.ts'
import { receiver } from './receiver.ts'

const manager = program('ops')
const site = await openSite(
  { after },
  { sign_in_experience: { methods: ['password', 'email-code'], profile: ['name', 'password'] } },
  [{ clientId: 'ops', clientSecret: manager.client_secret, registration: manager }],
)
const api = await ops(site.server)

const mail = {
  id: 'mail',
  connector: 'smtp-email',
  enabled: false,
  config: {
    host: 'smtp.example.com',
    port: 587,
    auth: { user: 'avouch', pass: 'a-password-of-a-mail-server' },
    fromEmail: 'Shop <login@shop.example>',
  },
}

test('a webhook hears of users, sign-ins, factors, deliveries and connectors, by their ids alone', async (t) => {
  const one = await receiver(t)
  const { body: hook } = await api.call('POST', '/webhooks', { url: one.url, events: ['*'] })
  assert.ok(hook.id)

  const address = 'anna.geheim@example.com'
  const arrival = await site.arrive({ prompt: 'create', acr_values: 'aal2' })
  await giveCode(site, arrival.person, address)
  await arrival.person.submit('profile', { name: 'Anna Geheim', new_password: goodPassword })
  await arrival.person.submit('verify/password', { password: goodPassword })
  const { key, backupCodes } = await enrolTotp(arrival.person)
  const { sub } = (await tokensOf(arrival)).claims()!
  assert.equal((await api.call('POST', '/connectors', mail)).status, 201)
  assert.equal((await api.call('POST', `/users/${sub}/block`)).status, 200)

  const about: Record<string, Record<string, unknown>> = {
    'user.created': { userId: sub },
    'user.blocked': { userId: sub },
    'sign_in.started': { clientId: site.shop.registration.client_id },
    'sign_in.completed': { userId: sub, result: 'aal2' },
    'verification.succeeded': { method: 'email-code' },
    'factor.added': { userId: sub, method: 'totp' },
    'message.queued': { channel: 'email' },
    'message.accepted': { channel: 'email', connector: 'inbox' },
    'connector.created': { targetId: 'mail' },
    'token.issued': { userId: sub },
  }
  for (const [event, data] of Object.entries(about)) {
    const found = await one
      .until(
        ({ message }) =>
          message.type === event &&
          Object.entries(data).every(([name, value]) => message.data[name] === value),
      )
      .catch(() => null)
    const same = one.received.filter(({ message }) => message.type === event)
    assert.ok(found, `${event}: ${JSON.stringify(same.map(({ message }) => message.data))}`)
  }

  const all = one.received.map(({ body }) => body).join('\n')
  const { code, link } = (await site.mail.messages(address))[0]!
  const secrets = [address, 'Geheim', goodPassword, key, ...backupCodes, mail.config.auth.pass]
  for (const secret of [...secrets, `"${code}"`, link!, hook.secret]) {
    assert.ok(!all.includes(secret), secret)
  }
})

test('of a change that was undone nobody hears', async (t) => {
  const one = await receiver(t)
  const { body: hook } = await api.call('POST', '/webhooks', { url: one.url, events: ['client.*'] })
  const client = (client_id: string) => ({ client_id, redirect_uris: ['https://a.example/cb'] })
  // The first is made, then the second can not be changed: the configuration file holds it.
  const held = site.shop.registration.client_id as string
  const clients = [client('undone'), client(held)]
  const undone = await api.call('POST', '/configuration', { clients })
  assert.equal(undone.status, 422, JSON.stringify(undone.body))
  assert.equal((await api.call('POST', '/clients', client('done'))).status, 201)
  await one.until(({ message }) => message.data.clientId === 'done')
  // They are noted in the order in which they happened.
  const { body: told } = await api.call('GET', `/webhook-deliveries?webhook=${hook.id}`)
  assert.deepEqual(
    told.data.map(({ event }: { event: string }) => event),
    ['client.created'],
  )
})

test('in production no webhook reaches this machine, by whatever name', async (t) => {
  const inside = await receiver(t)
  const { port } = new URL(inside.url)
  const { server } = await startProduction(
    t,
    { clients: [program('ops')] },
    { env: { WEBHOOK_PORTS: `443 ${port}` } },
  )
  const api = await ops(server)
  for (const url of [inside.url, `https://127.0.0.1:${port}/`, `https://[::1]:${port}/`]) {
    const refused = await api.call('POST', '/webhooks', { url, events: ['*'] })
    assert.equal(refused.status, 422, url)
  }
  const url = `https://localhost:${port}/`
  const { body: made } = await api.call('POST', '/webhooks', { url, events: ['webhook.*'] })
  const tried = await api.call('POST', `/webhooks/${made.id}/test`)
  assert.deepEqual([tried.body.status, tried.body.error], [null, 'not_allowed'])
  assert.deepEqual(inside.received, [])
})
