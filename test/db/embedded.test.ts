import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { embeddedHolder } from '#src/db/embedded.ts'
import { openDatabase } from '#src/db/index.ts'
import { createDataFolder } from '../support/fresh-database.ts'

const run = promisify(execFile)

/** Opens the folder in a process of its own. */
const openElsewhere = (folder: string) =>
  run(process.execPath, [
    '--input-type=module-typescript',
    '--eval',
    `import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, '../../src/db/index.ts'))}
     const db = await openDatabase({ folder: ${JSON.stringify(folder)} })
     console.log((await db.query('test.kept', 'select words from kept')).length)
     await db.close()`,
  ])

test('a folder that one process has open is refused to a second, which names the first', async (t) => {
  const { folder, remove } = await createDataFolder()
  t.after(remove)
  const db = await openDatabase({ folder, owner: 'Avouch at http://localhost:3000' })
  await db.knex.raw('create table kept (words text)')
  await db.query('test.keep', 'insert into kept values ($1)', ['a'])

  const refused = { message: /in use by Avouch at http:\/\/localhost:3000/ }
  await assert.rejects(openDatabase({ folder }), refused)
  await assert.rejects(openDatabase({ folder: `${folder}/.` }), refused)
  await assert.rejects(openElsewhere(folder), refused)
  assert.deepEqual(await db.query('test.kept', 'select words from kept'), [{ words: 'a' }])

  await db.close()
  const { stdout } = await openElsewhere(folder)
  assert.equal(stdout.trim(), '1', 'what was written is there for the next process')
})

test('whoever asks who has a folder open, and can not wait for the answer, does no harm', async (t) => {
  const { folder, remove } = await createDataFolder()
  t.after(remove)
  // Busy for longer than anybody waits.
  const holder = run(process.execPath, [
    '--input-type=module-typescript',
    '--eval',
    `import { setTimeout as sleep } from 'node:timers/promises'
     import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, '../../src/db/index.ts'))}
     const db = await openDatabase({ folder: ${JSON.stringify(folder)} })
     process.stdout.write('open ')
     await sleep(500)
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7000)
     await sleep(500)
     console.log((await db.query('test.one', 'select 1 as one'))[0].one)
     await db.close()`,
  ])
  await new Promise((resolve) => holder.child.stdout!.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  assert.equal(await embeddedHolder(folder), null, 'nobody answers in time')
  assert.equal((await holder).stdout.trim(), 'open 1', 'the holder goes on')
})
