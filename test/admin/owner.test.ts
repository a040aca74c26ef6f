import assert from 'node:assert/strict'
import { adminRepository } from '#src/admin/access/admin-repository.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { userRepository } from '#src/users/index.ts'
import { testOnBoth } from '../support/database.ts'

const hash = sha256('a token that was printed')

testOnBoth('of a hundred who claim one link, one becomes the owner', async (_t, db) => {
  const admins = adminRepository(db)
  await admins.replaceLink(hash, 60)
  const users = await Promise.all(
    Array.from({ length: 100 }, () => userRepository(db).create({ name: 'Ann', locale: null })),
  )
  const won = await Promise.all(users.map((id) => admins.becomeOwner(hash, id)))
  assert.equal(won.filter(Boolean).length, 1)
  assert.equal(await admins.role(users[won.indexOf(true)]!), 'owner')
})

testOnBoth('a link that was replaced, or is an hour old, opens nothing', async (_t, db) => {
  const admins = adminRepository(db)
  await admins.replaceLink(hash, 60)
  await admins.replaceLink(sha256('a newer one'), 0)
  assert.equal(await admins.isLinkOpen(hash), false)
  assert.equal(await admins.isLinkOpen(sha256('a newer one')), false)
  const id = await userRepository(db).create({ name: 'Ann', locale: null })
  assert.equal(await admins.becomeOwner(sha256('a newer one'), id), false)
  assert.equal(await admins.hasOwner(), false)
})
