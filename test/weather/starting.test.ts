import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/folders.ts'
import { createDatabase, createDataFolder } from '../support/fresh-database.ts'
import { guard } from '../support/guard.ts'
import { freePort } from '../support/ports.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const secret = 'quiet-harbour-lamps-over-the-long-grey-water-42'

interface Started {
  /** Exit code; null while it runs. */
  code: number | null
  output: string
  /** Seconds from the start until `line` was printed, or until it ended. */
  seconds: number
}

/** Starts the server in a folder of its own, until it has printed `line` or has ended. */
async function start(
  t: TestContext,
  env: Record<string, string>,
  line = /Ctrl\+C stops it/,
): Promise<Started> {
  const folder = await temporaryFolder('starting')
  const begun = performance.now()
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  guard(child)
  const ended = once(child, 'close')
  t.after(async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  let output = ''
  const printed = Promise.withResolvers<void>()
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding('utf8').on('data', (part) => {
      output += part
      if (line.test(output)) printed.resolve()
    })
  }
  await Promise.race([printed.promise, ended])
  const seconds = (performance.now() - begun) / 1000
  return { code: child.exitCode, output, seconds }
}

const ports = async () => ({
  PORT: String(await freePort()),
  METRICS_PORT: String(await freePort()),
  DEMO_PORT: String(await freePort()),
})

/** Lines that name a place, without the headline. */
const faults = ({ output }: Started) =>
  output
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim())

test('variables with three faults print three lines that name them, and it ends with 1', async (t) => {
  const started = await start(t, { PORT: 'many', WORKERS: '0', BASE_URL: 'ftp://id.example.com' })
  assert.equal(started.code, 1)
  assert.deepEqual(
    faults(started).map((line) => line.split(':')[0]),
    ['BASE_URL', 'PORT', 'WORKERS'],
  )
})

test('a configuration file with three faults prints three lines with paths, and it ends with 1', async (t) => {
  const folder = await temporaryFolder('configuration')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const CONFIG_FILE = join(folder, 'avouch.yaml')
  await writeFile(
    CONFIG_FILE,
    'clients:\n  - client_id: a b\n    redirect_uris: [https://shop.example/#f]\ncodes: { length: 3 }\n',
  )
  const started = await start(t, { CONFIG_FILE, ...(await ports()) })
  assert.equal(started.code, 1)
  assert.deepEqual(
    faults(started).map((line) => line.split(':')[0]),
    ['clients[0].client_id', 'clients[0].redirect_uris[0]', 'codes.length'],
  )
  assert.match(started.output, /\(line 4\)/)
})

test('production does not start without a secret, an https origin and PostgreSQL', async (t) => {
  const bare = await start(t, { NODE_ENV: 'production' })
  assert.equal(bare.code, 1)
  assert.deepEqual(
    faults(bare).map((line) => line.split(':')[0]),
    ['SECRET_KEYS', 'BASE_URL', 'DATABASE_URL'],
  )
})

test('while evaluating it serves this machine alone', async (t) => {
  const started = await start(t, {
    BASE_URL: 'http://id.example.com',
    HOST: '0.0.0.0',
    TRUST_PROXY: '10.0.0.0/8',
  })
  assert.equal(started.code, 1)
  assert.deepEqual(
    faults(started).map((line) => line.split(':')[0]),
    ['BASE_URL', 'HOST', 'TRUST_PROXY'],
  )
})

test('with another secret than the database was written with it says so and ends with 1', async (t) => {
  const { url, drop } = await createDatabase()
  t.after(drop)
  const env = { DATABASE_URL: url, ...(await ports()) }
  await t.test('the first start', async (first) => {
    assert.equal((await start(first, { ...env, SECRET_KEYS: secret })).code, null)
  })
  const other = await start(t, { ...env, SECRET_KEYS: secret.toUpperCase() })
  assert.equal(other.code, 1)
  assert.match(other.output, /^SECRET_KEYS: /)
  assert.doesNotMatch(other.output, /at .*\.ts:/, 'no stack')

  const both = await start(t, { ...env, SECRET_KEYS: `${secret.toUpperCase()} ${secret}` })
  assert.equal(both.code, null, both.output)
})

test('without a database to reach it says so in a line, without the password', async (t) => {
  const DATABASE_URL = `postgres://avouch:opensesame@127.0.0.1:${await freePort()}/avouch`
  for (const WORKERS of ['1', '2']) {
    const env = { DATABASE_URL, WORKERS, SECRET_KEYS: secret, ...(await ports()) }
    const started = await start(t, env)
    assert.equal(started.code, 1)
    assert.match(faults(started).join(), /^DATABASE_URL: .*ECONNREFUSED/)
    assert.doesNotMatch(started.output, /opensesame/)
  }
})

test('a second start on a folder in use names the first and ends with 1', async (t) => {
  const { folder, remove } = await createDataFolder()
  t.after(remove)
  const [first, second] = [await ports(), await ports()]
  assert.equal((await start(t, { DATA_DIR: folder, ...first })).code, null)
  const started = await start(t, { DATA_DIR: folder, ...second })
  assert.equal(started.code, 1)
  assert.match(
    faults(started).join(),
    new RegExp(`^DATA_DIR: .* in use by process \\d+ \\(http://localhost:${first.PORT}\\)$`),
  )
})

test('while evaluating a port that is taken is left to its owner, and it says where it is', async (t) => {
  const { folder, remove } = await createDataFolder()
  t.after(remove)
  const taken = createServer().listen(3000, '127.0.0.1')
  const owned = await once(taken, 'listening').then(
    () => true,
    () => false,
  )
  t.after(() => (owned ? void taken.close() : undefined))
  const started = await start(t, { DATA_DIR: folder })
  assert.match(started.output, /Port 3000 is taken; using \d+ instead\./)
  const port = /using (\d+) instead/.exec(started.output)![1]
  assert.match(started.output, new RegExp(`Issuer +http://localhost:${port}/oidc`))
  const discovery = await fetch(`http://localhost:${port}/oidc/.well-known/openid-configuration`)
  assert.equal(
    ((await discovery.json()) as { issuer: string }).issuer,
    `http://localhost:${port}/oidc`,
  )
})

test('a port that was asked for and is taken is named, and it ends with 1', async (t) => {
  const { url, drop } = await createDatabase()
  t.after(drop)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => void taken.close())
  const PORT = String((taken.address() as { port: number }).port)
  for (const WORKERS of ['1', '2']) {
    const env = { DATABASE_URL: url, SECRET_KEYS: secret, ...(await ports()), PORT, WORKERS }
    const started = await start(t, env)
    assert.equal(started.code, 1)
    assert.ok(faults(started).includes(`PORT: ${PORT} is taken`), started.output)
  }
})

test('the first start prints its addresses within ten seconds, and a later one soon', async (t) => {
  const DATA_DIR = await temporaryFolder('first')
  t.after(() => rm(DATA_DIR, { recursive: true, force: true }))
  const env = { DATA_DIR, ...(await ports()) }
  await t.test('first', async (first) => {
    const { code, seconds, output } = await start(first, env)
    assert.equal(code, null, output)
    first.diagnostic(`The first start took ${seconds.toFixed(1)} s`)
    assert.ok(seconds < 30, `It took ${seconds} s`)
  })
  const { code, seconds, output } = await start(t, env)
  assert.equal(code, null, output)
  t.diagnostic(`A later start took ${seconds.toFixed(1)} s`)
  assert.ok(seconds < 15, `It took ${seconds} s`)
})
