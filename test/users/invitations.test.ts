import assert from 'node:assert/strict'
import { createUser, invitationRepository, invite } from '#src/users/index.ts'
import { testOnBoth } from '../support/database.ts'
import { race } from '../support/race.ts'

const nobody = { name: null, locale: null, roles: [], customData: {}, identifiers: [] }
const given = { type: 'email', value: 'A@example.com', clientId: null, ttlSeconds: 3600 } as const

testOnBoth('of a hundred who spend one invitation at once, one does', async (_t, db) => {
  const { identifier } = await invite(db, given)
  const id = await createUser(db, nobody)
  const { won } = await race(100, () => invitationRepository(db).accept(identifier, id))
  assert.equal(won.filter(Boolean).length, 1)
  assert.equal(await invitationRepository(db).isOpen(identifier), false)
})

testOnBoth('somebody is invited once at a time, and not who is here already', async (_t, db) => {
  const first = await invite(db, given)
  await assert.rejects(invite(db, given), { code: 'already_exists' })
  await db.query('test.expire', 'update invitations set expires_at = now()')
  const second = await invite(db, given)
  assert.notEqual(second.id, first.id)
  const invitations = invitationRepository(db)
  assert.equal((await invitations.list(null, 10)).length, 1, 'in place of the one that expired')
  await invitations.delete(second.id)
  await createUser(db, { ...nobody, identifiers: [{ ...given, verified: true }] })
  await assert.rejects(invite(db, given), { code: 'already_exists' })
  await assert.rejects(invite(db, { ...given, value: 'no address' }), { code: 'invalid_email' })
})

testOnBoth('an address that was never used is forgotten a month after its time', async (_t, db) => {
  const invitations = invitationRepository(db)
  await invite(db, given)
  await invitations.sweep()
  assert.equal((await invitations.list(null, 10)).length, 1)
  await db.query('test.old', `update invitations set expires_at = now() - interval '31 days'`)
  await invitations.sweep()
  assert.deepEqual(await invitations.list(null, 10), [])
})
