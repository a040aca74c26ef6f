import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
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
