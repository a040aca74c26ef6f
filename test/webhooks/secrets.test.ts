import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { outbound } from '#src/lib/outbound.ts'
import { applyDeclaredWebhooks, sealWebhooksAgain, webhooks } from '#src/webhooks/index.ts'
import { testOnBoth } from '../support/database.ts'

const under = (...secrets: string[]) => keyring(secrets, 'webhooks')
const [old, both, fresh] = [under('old'), under('new', 'old'), under('new')]
const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
const given = { url: 'https://shop.example/', description: null, events: ['*'], enabled: true }

const hooksOf = (db: Db, keys: ReturnType<typeof keyring>) => {
  const calls = outbound({ ports: [443], loopback: false })
  return webhooks({ db, keys, outbound: calls, log: { warn: () => {} } })
}

testOnBoth(
  'secrets are sealed again, also the one before, and a change meanwhile stays',
  async (_t, db) => {
    const before = hooksOf(db, old)
    await before.create(db, given, { id: 'one', secret: secretOf(1) })
    await before.rotateSecret(db, 'one', 3600, null, secretOf(2))
    await before.create(db, given, { id: 'two', secret: secretOf(3) })
    const version = (await before.find(db, 'one')).version
    // Somebody gives one another secret when all were read and none was written.
    let changed = false
    const slow: Db = {
      ...db,
      async query(name, text, values) {
        if (name === 'webhooks.reseal' && values?.[0] === 'two' && !changed) {
          changed = true
          await before.rotateSecret(db, 'two', 0, null, secretOf(4))
        }
        return db.query(name, text, values)
      },
    }
    await Promise.all([sealWebhooksAgain(slow, both), sealWebhooksAgain(db, both)])
    await sealWebhooksAgain(db, both)
    const after = hooksOf(db, fresh)
    assert.deepEqual(await after.unreadable(db, 10), [])
    for (const [id, secret] of [
      ['one', secretOf(1)],
      ['one', secretOf(2)],
      ['two', secretOf(4)],
    ] as const) {
      assert.ok(await after.hasSecret(db, id, secret))
    }
    assert.equal((await after.find(db, 'one')).version, version)
  },
)

testOnBoth('the configuration file mends a secret that nothing opens', async (_t, db) => {
  const declared = [{ ...given, description: null, id: 'held', secret: secretOf(5) }]
  await applyDeclaredWebhooks(db, under('lost'), declared)
  const hooks = hooksOf(db, fresh)
  assert.deepEqual(await hooks.unreadable(db, 10), ['held'])
  await assert.rejects(hooks.test('held'), { code: 'secret_unreadable' })
  await applyDeclaredWebhooks(db, fresh, declared)
  assert.deepEqual(await hooks.unreadable(db, 10), [])
  assert.equal((await hooks.find(db, 'held')).previousSecretUntil, null)
})
