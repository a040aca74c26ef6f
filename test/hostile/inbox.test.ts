import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { valuesOf } from './attack.ts'
import { emails } from './corpus/emails.ts'
import { phones } from './corpus/phones.ts'
import { texts } from './corpus/text.ts'
import { judge, pooled } from './judge.ts'
import { querySite } from './sites.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { clients: [shop.registration] }, env: { LOG_LEVEL: 'info' } },
)
await shop.discover(server)
const target = { server, shop, credentials: '' }

test('whatever the inbox is asked for stays a text', async () => {
  const found: string[] = []
  const sites = ['/dev/inbox', '/dev/inbox/messages'].flatMap((path) => [
    querySite(target, path, 'to'),
    querySite(target, path, 'lang'),
  ])
  await pooled(sites, 4, async (site) => {
    for (const value of valuesOf([...texts, ...phones, ...emails])) {
      const answer = await site.send(value)
      const text = 'raw' in value ? value.raw : value.text
      found.push(...judge({ where: site.name, value: text, answer }, () => false))
    }
  })
  assert.deepEqual(found, [])
})

test('what another site or machine asks of the inbox does nothing', async () => {
  const person = visitor(server)
  await person.open((await shop.authorize()).url)
  await person.submit('identify', { identifier: 'kept@example.com' })
  const mail = inbox(server)
  await mail.messageFor('kept@example.com')
  const url = `${server.baseUrl}/dev/inbox/messages`
  const refused = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    { host: 'evil.example' },
    { 'x-forwarded-for': '192.0.2.1' },
  ]
  for (const headers of refused) {
    const { status } = await server.fetch(url, { method: 'DELETE', headers })
    assert.ok(status >= 400 && status < 500, `${JSON.stringify(headers)}: ${status}`)
  }
  for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-host': 'evil.example' }]) {
    const answer = await server.fetch(url, { headers })
    assert.equal(answer.status, 404)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  }
  const { headers } = await server.fetch(url, { headers: { origin: 'https://evil.example' } })
  assert.equal(headers.get('access-control-allow-origin'), null)
  assert.equal((await mail.messages('kept@example.com')).length, 1)
})

test('the terminal of a newcomer has one line for each message, and no failure', () => {
  assert.doesNotMatch(server.output(), /"level":(50|60)/)
  assert.doesNotMatch(server.output(), /[^\P{Cc}\n]/u)
})
