import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { ops, startManaged } from '../admin/api.ts'
import { type Received, receiver } from './receiver.ts'

const [given, other] = [7, 8].map(
  (byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`,
) as [string, string]

const verified = (secret: string, { headers, body }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>)

test('a webhook of the configuration file is changed there alone, and keeps its secret', async (t) => {
  const one = await receiver(t)
  const held = { id: 'held', url: one.url, events: ['test.*'], secret: given }
  const managed = await startManaged(t, { config: { webhooks: [held] } })
  const admin = await ops(managed)
  const { body: found } = await admin.call('GET', '/webhooks/held')
  assert.deepEqual([found.managedByFile, found.events], [true, ['test.*']])
  const { body: tried } = await admin.call('POST', '/webhooks/held/test')
  assert.equal(tried.status, 204)
  verified(given, one.received[0]!)
  for (const [method, path, body] of [
    ['PATCH', '/webhooks/held', { enabled: false }],
    ['POST', '/webhooks/held/secret', {}],
    ['DELETE', '/webhooks/held', undefined],
  ] as const) {
    const refused = await admin.call(method, path, body)
    assert.deepEqual([refused.status, refused.body.code], [409, 'managed_by_file'], path)
  }
  assert.equal((await admin.call('POST', '/webhooks', held)).status, 409)

  await managed.stop()
  await managed.start()
  const same = (await (await ops(managed)).call('GET', '/webhooks/held')).body
  assert.deepEqual([same.version, same.previousSecretUntil], [found.version, null])

  const restarted = async (webhooks: object[]) => {
    await managed.stop()
    const { databaseUrl } = managed
    const after = await startManaged(t, { databaseUrl: databaseUrl!, config: { webhooks } })
    return { api: await ops(after), stop: after.stop }
  }
  const again = await restarted([{ ...held, secret: other }])
  await again.api.call('POST', '/webhooks/held/test')
  verified(given, one.received.at(-1)!)
  verified(other, one.received.at(-1)!)

  await again.stop()
  const released = await restarted([])
  assert.equal((await released.api.call('GET', '/webhooks/held')).body.managedByFile, false)
  assert.equal((await released.api.call('DELETE', '/webhooks/held')).status, 204)
  await released.stop()
})
