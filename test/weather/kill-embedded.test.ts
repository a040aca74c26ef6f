import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '#src/db/index.ts'
import { temporaryFolder } from '../support/folders.ts'
import { createDataFolder } from '../support/fresh-database.ts'
import { startServer } from '../support/server.ts'
import { assertNobodyIsInUnearned } from './invariants.ts'
import { killAgainAndAgain } from './kill.ts'
import { populate } from './world.ts'

test('the process is killed twenty times during sign-ins on the embedded database, and nobody loses or gains anything', async (t) => {
  const { folder, remove } = await createDataFolder()
  const world = await populate(t, { kind: 'embedded', dataDir: folder })
  t.after(remove)
  await killAgainAndAgain(world)
  // Longer than a message waits for another process to send it.
  await sleep(9000)
  await world.server.kill()
  const db = await openDatabase({ folder })
  t.after(db.close)
  await assertNobodyIsInUnearned(db, world.accounts)
})

test('the process is killed while it makes its first database, and the next start makes it anew', async (t) => {
  const folder = await temporaryFolder('first')
  const server = await startServer(t, { kind: 'embedded', dataDir: folder })
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const ms of [900, 1600, 2500]) {
    await server.kill()
    await rm(folder, { recursive: true, force: true })
    const starting = server.start().catch(() => {})
    await sleep(ms)
    await server.kill()
    await starting
    await server.start()
    assert.ok((await server.fetch(`${server.issuer}/jwks`)).ok, `after ${ms} ms`)
  }
})
