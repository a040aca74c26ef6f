import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { rootSecrets } from '#config/secret.ts'

const run = promisify(execFile)
const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'avouch-secret-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

test('the first start makes a secret that only this user can read, and later ones keep it', (t) => {
  const DATA_DIR = folderFor(t)
  const [first] = rootSecrets({ SECRET_KEYS: [], DATA_DIR })
  assert.match(first!, /^[\w-]{43}$/)
  assert.equal(statSync(join(DATA_DIR, 'secret')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(DATA_DIR), ['secret'])
  assert.deepEqual(rootSecrets({ SECRET_KEYS: [], DATA_DIR }), [first])
})

test('secrets that are set are used, and nothing is written', (t) => {
  const DATA_DIR = folderFor(t)
  assert.deepEqual(rootSecrets({ SECRET_KEYS: ['one', 'two'], DATA_DIR }), ['one', 'two'])
  assert.throws(() => statSync(DATA_DIR), { code: 'ENOENT' })
})

test('processes that start at the same moment get the same secret', async (t) => {
  const DATA_DIR = folderFor(t)
  const script = `import { rootSecrets } from '#config/secret.ts'
    console.log(rootSecrets({ SECRET_KEYS: [], DATA_DIR: ${JSON.stringify(DATA_DIR)} })[0])`
  const starts = Array.from({ length: 4 }, () =>
    run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
    }),
  )
  const secrets = (await Promise.all(starts)).map(({ stdout }) => stdout.trim())
  assert.equal(new Set(secrets).size, 1)
  assert.equal(readFileSync(join(DATA_DIR, 'secret'), 'utf8').trim(), secrets[0])
})

test('a damaged secret stops the start instead of being replaced', (t) => {
  const DATA_DIR = folderFor(t)
  rootSecrets({ SECRET_KEYS: [], DATA_DIR })
  chmodSync(join(DATA_DIR, 'secret'), 0o600)
  writeFileSync(join(DATA_DIR, 'secret'), '')
  assert.throws(() => rootSecrets({ SECRET_KEYS: [], DATA_DIR }), /secret: is damaged/)
})
