import assert from 'node:assert/strict'
import { deleteLeaving } from '#src/account/deletion/carry-out.ts'
import { keepAnOwner } from '#src/admin/index.ts'
import type { Db } from '#src/db/contract.ts'
import { ownUserRepository, userRepository } from '#src/users/index.ts'
import { testOnBoth } from '../support/database.ts'

const email = (name: string) => {
  const value = `${name}@example.com`
  return { type: 'email', value, display: value } as const
}

const someone = async (db: Db, name: string): Promise<string> => {
  const users = userRepository(db)
  const id = await users.create({ name, locale: null })
  await users.prove(id, email(name))
  return id
}

const leave = (db: Db, id: string, days: number) => ownUserRepository(db).leave(id, days)

const deps = (db: Db) => ({ db, endOthers: async () => {}, keepAnOwner })

testOnBoth(
  'an account goes when its time has come, once, and takes all that hangs on it',
  async (_t, db) => {
    const users = userRepository(db)
    const now = await someone(db, 'anna')
    const later = await someone(db, 'ben')
    await leave(db, now, 0)
    await leave(db, later, 14)
    await Promise.all([deleteLeaving(deps(db)), deleteLeaving(deps(db)), deleteLeaving(deps(db))])
    assert.equal(await users.find(now), null)
    assert.equal(await users.findOwner(email('anna')), null)
    assert.ok(await users.find(later))
    const events = await db.query<{ event: string }>(
      'test.events',
      'select event from audit_events where user_id = $1',
      [now],
    )
    assert.deepEqual(events, [{ event: 'user.deleted' }])
  },
)

testOnBoth('whoever came back in time stays, whatever was about to happen', async (_t, db) => {
  const users = userRepository(db)
  const id = await someone(db, 'cleo')
  await leave(db, id, 0)
  const last = { identifier: email('cleo'), method: 'email-code', second: null }
  assert.equal(await users.signedIn(id, Buffer.alloc(32), last), true)
  await deleteLeaving(deps(db))
  assert.ok(await users.find(id))
  assert.equal(await users.signedIn(id, Buffer.alloc(32), last), false, 'there is nothing to keep')
})

testOnBoth('the last owner of a server is not deleted, until there is another', async (_t, db) => {
  const users = userRepository(db)
  const [owner, second] = [await someone(db, 'dora'), await someone(db, 'emil')]
  const make = (id: string) =>
    db.query('test.admin', `insert into admins (user_id, role) values ($1, 'owner')`, [id])
  await make(owner)
  await leave(db, owner, 0)
  await deleteLeaving(deps(db))
  assert.ok(await users.find(owner))
  await make(second)
  await deleteLeaving(deps(db))
  assert.equal(await users.find(owner), null)
})

testOnBoth('asked twice, the first time holds', async (_t, db) => {
  const id = await someone(db, 'fred')
  const first = await leave(db, id, 14)
  assert.deepEqual(await leave(db, id, 90), first)
})
