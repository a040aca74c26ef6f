/** Lists of ten thousand, from the first page to the last. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ops, startManaged } from './api.ts'
import { routesOf, takes } from './every-route.ts'
import { sqlOf } from './people.ts'

const server = await startManaged({ after })
const api = await ops(server)
const sql = sqlOf({ after }, server)

const many = 10_000
// Some share an instant: it is not what tells one from the next.
const at = `now() - (n / 7) * interval '1 second'`
const rows = `generate_series(1, ${many}) n`

const { body: hook } = await api.call('POST', '/webhooks', {
  url: 'https://example.com/',
  events: ['never.happens'],
})
await api.call('PATCH', `/webhooks/${hook.id}`, { enabled: false })
await api.call('POST', '/connectors', {
  id: 'sms',
  connector: 'twilio-sms',
  enabled: false,
  config: { accountSID: 'ACtest', authToken: 'a-token-for-tests', fromNumber: '+15550100' },
})
await sql(`insert into users (id, name, created_at) select 'u' || n, 'Many', ${at} from ${rows}`)

/** What fills each list, where it is, and what is in every row of these. */
const lists: Record<string, [path: string, fill: string | null, own: RegExp]> = {
  'users.list': ['/users', null, /^u\d+$/],
  'admins.list': [
    '/admins',
    `insert into admins (user_id, role) select 'u' || n, 'read-only' from ${rows}`,
    /^u\d+$/,
  ],
  'clients.list': [
    '/clients',
    `insert into clients (client_id, metadata, managed_by_file, created_at)
     select 'many' || n, (select metadata from clients where client_id = 'ops'), false, ${at}
       from ${rows}`,
    /^many\d+$/,
  ],
  'invitations.list': [
    '/invitations',
    `insert into invitations (id, identifier_type, identifier_value, identifier_display,
                              created_at, expires_at)
     select 'i' || n, 'email', n || '@example.com', n || '@example.com', ${at}, now()
       from ${rows}`,
    /^i\d+$/,
  ],
  'works.list': [
    '/works',
    `insert into works (id, kind, state, options, created_by_kind, created_by, created_at)
     select 'w' || n, 'users.import', 'done', '{}', 'client', 'ops', ${at} from ${rows}`,
    /^w\d+$/,
  ],
  'works.refusals': [
    '/works/w1/refusals',
    `insert into work_refusals (work_id, number, line, reason)
     select 'w1', n, n, 'no' from ${rows}`,
    /^\d+$/,
  ],
  'deliveries.list': [
    '/deliveries',
    `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state,
                             created_at, expires_at, finished_at)
     select 'd' || n, 'sms', '', '+41•••67', 'SignIn', 'accepted', ${at}, now(), now()
       from ${rows}`,
    /^d\d+$/,
  ],
  'webhooks.list': [
    '/webhooks',
    `insert into webhooks (id, url, events, secret, enabled, created_at)
     select 'h' || n, 'https://example.com/', '{never.happens}', '', false, ${at} from ${rows}`,
    /^h\d+$/,
  ],
  'webhookDeliveries.list': [
    '/webhook-deliveries',
    `insert into webhook_deliveries (id, webhook_id, event_id, event, body, state, created_at)
     select 'm' || n, '${hook.id}', n, 'never.happens', '{}', 'dead', ${at} from ${rows}`,
    /^m\d+$/,
  ],
  'templates.versions': [
    '/connectors/sms/templates/SignIn/versions',
    `insert into template_versions (connector_id, usage_type, locale)
     select 'sms', 'SignIn', '' from ${rows}`,
    /^\d+$/,
  ],
  'audit.list': [
    '/audit?event=many',
    `insert into audit_events (event, at) select 'many', ${at} from ${rows}`,
    /^\d+$/,
  ],
}

test('every list that goes on is among them', async () => {
  const all = (await routesOf(api)).filter((route) => takes(route, 'query', 'cursor'))
  assert.deepEqual(all.map(({ id }) => id).sort(), Object.keys(lists).sort())
})

for (const [id, [path, fill, own]] of Object.entries(lists)) {
  test(`a list of ten thousand is read to its end, a hundred at a time: ${id}`, async () => {
    if (fill) await sql(fill)
    const seen = new Set<string>()
    const mark = path.includes('?') ? '&' : '?'
    let cursor = ''
    for (let page = 0; ; page += 1) {
      const { status, body } = await api.call('GET', `${path}${mark}limit=100${cursor}`)
      assert.equal(status, 200, JSON.stringify(body))
      assert.ok(body.data.length <= 100)
      for (const row of body.data) {
        const key = String(row.id ?? row.userId ?? row.client_id ?? row.line)
        assert.ok(!seen.has(key), `${key} is there twice`)
        seen.add(key)
      }
      if (!body.next) break
      assert.ok(page < 200, 'it ends')
      cursor = `&cursor=${body.next}`
    }
    assert.equal([...seen].filter((key) => own.test(key)).length, many)
  })
}
