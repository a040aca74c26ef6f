import { test } from 'node:test'
import { openDatabase } from '#src/db/index.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { assertNobodyIsInUnearned } from './invariants.ts'
import { killAgainAndAgain } from './kill.ts'
import { populate } from './world.ts'

test('the process is killed twenty times during sign-ins on PostgreSQL, and nobody loses or gains anything', async (t) => {
  const { url, drop } = await createDatabase()
  const world = await populate(t, { databaseUrl: url })
  t.after(drop)
  const db = await openDatabase({ url, folder: '' })
  t.after(db.close)
  await killAgainAndAgain(world)
  await assertNobodyIsInUnearned(db, world.accounts)
})
