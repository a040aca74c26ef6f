/** Avouch itself as a process of its own, as an operator would start it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from './folders.ts'
import { createDatabase, createDataFolder } from './fresh-database.ts'
import { guard } from './guard.ts'
import { type Fetch, loopbackFetch } from './loopback.ts'
import { freePort } from './ports.ts'
import type { Scope } from './scope.ts'

export interface ServerOptions {
  /** Default `postgres`: a migrated database of its own, unless `databaseUrl` names one. */
  kind?: 'postgres' | 'embedded'
  databaseUrl?: string
  /** For the embedded database; default: a folder of its own with a migrated database. */
  dataDir?: string
  /**
   * `NODE_ENV=production` behind a proxy that speaks https: requests through `fetch` come as the
   * proxy would pass them on.
   */
  production?: boolean
  /** Public origin; default: the port on `localhost`, or `https://id.example.com` in production. */
  baseUrl?: string
  workers?: number
  /** Contents of `CONFIG_FILE`. */
  config?: object
  /** Goes before everything that is set here; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>
}

export interface Server {
  /** Public origin. */
  baseUrl: string
  issuer: string
  /** Where it really listens. */
  address: string
  metricsAddress: string
  demoUrl: string
  databaseUrl: string | null
  /** Sends what is meant for a public URL to this process; follows no redirect. */
  fetch: Fetch
  /** Starts it again with the same settings after `stop` or `kill`. */
  start(): Promise<void>
  /** Asks it to end, and asserts that it does so in good order (exit code 0). */
  stop(): Promise<void>
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>
  /** All that it has printed since the first start. */
  output(): string
  /** The part of it that went to standard error. */
  errors(): string
  /** The same without what is said to its operator: entries of the log, one on each line. */
  log(): string[]
  pid(): number
}

const root = join(import.meta.dirname, '../..')
const startMs = 60_000
const stopMs = 20_000
const secret = 'a-secret-for-tests-only-a-secret-for-tests-only'

/** Starts it and waits until it answers; it ends with `scope`. */
export async function startServer(scope: Scope, options: ServerOptions = {}): Promise<Server> {
  const [port, metricsPort, demoPort] = [await freePort(), await freePort(), await freePort()]
  const { production = false, config, workers } = options
  const storage = await provideStorage(options)
  const home = await temporaryFolder('server')
  const baseUrl =
    options.baseUrl ?? (production ? 'https://id.example.com' : `http://localhost:${port}`)
  if (config) await writeFile(join(home, 'config.json'), JSON.stringify(config))

  const settings: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DEMO_PORT: String(demoPort),
    BASE_URL: baseUrl,
    DATABASE_URL: storage.databaseUrl ?? undefined,
    DATA_DIR: storage.dataDir ?? join(home, 'data'),
    // In evaluation with the embedded database it makes its own.
    SECRET_KEYS: production || storage.databaseUrl ? secret : undefined,
    ...(production ? { NODE_ENV: 'production', TRUST_PROXY: '127.0.0.1/32' } : {}),
    ...(config ? { CONFIG_FILE: join(home, 'config.json') } : {}),
    ...(workers ? { WORKERS: String(workers) } : {}),
    ...options.env,
  }

  const address = `http://127.0.0.1:${port}`
  const metricsAddress = `http://127.0.0.1:${metricsPort}`
  const fetch = loopbackFetch(address)
  const said: Buffer[] = []
  const complained: Buffer[] = []
  const output = () => Buffer.concat(said).toString()
  let child: ChildProcess | null = null

  const start = async () => {
    // In a folder of its own: a developer's `.env` must not decide about a test.
    const started = spawn(process.execPath, [join(root, 'src/main.ts')], {
      cwd: home,
      env: settings,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    guard(started)
    for (const pipe of [started.stdout, started.stderr]) pipe.on('data', (part) => said.push(part))
    started.stderr.on('data', (part) => complained.push(part))
    const asks = [
      () => loopbackFetch(metricsAddress)(`${metricsAddress}/readyz`),
      () => fetch(`${baseUrl}/oidc/.well-known/openid-configuration`),
    ]
    for (const ask of asks) await answering(started, ask, output)
  }

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child
    child = null
    if (!ending) return null
    if (ending.exitCode === null && ending.signalCode === null) {
      ending.kill(signal)
      const deadline = setTimeout(() => ending.kill('SIGKILL'), stopMs)
      await once(ending, 'exit')
      clearTimeout(deadline)
    }
    return ending.exitCode
  }

  const stop = async () => {
    if (!child) return
    const code = await end('SIGTERM')
    assert.equal(code, 0, `The server did not end in good order (${code}):\n${output()}`)
  }

  scope.after(async () => {
    try {
      await stop()
    } finally {
      await storage.remove()
      await rm(home, { recursive: true, force: true })
    }
  })

  await start()
  return {
    baseUrl,
    issuer: `${baseUrl}/oidc`,
    address,
    metricsAddress,
    demoUrl: `http://localhost:${demoPort}`,
    databaseUrl: storage.databaseUrl,
    fetch,
    start,
    stop,
    async kill() {
      await end('SIGKILL')
    },
    output,
    errors: () => Buffer.concat(complained).toString(),
    log: () =>
      output()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('Nobody owns this server')),
    pid: () => {
      assert.ok(child?.pid, 'The server is not running')
      return child.pid
    },
  }
}

async function provideStorage({ kind = 'postgres', databaseUrl, dataDir }: ServerOptions) {
  if (kind === 'postgres') {
    const own = databaseUrl ? null : await createDatabase()
    const remove = async () => own?.drop()
    return { databaseUrl: databaseUrl ?? own!.url, dataDir: null, remove }
  }
  const own = dataDir ? null : await createDataFolder()
  const remove = async () => own?.remove()
  return { databaseUrl: null, dataDir: dataDir ?? own!.folder, remove }
}

async function answering(
  child: ChildProcess,
  ask: () => Promise<Response>,
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + startMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The server ended at its start (${child.exitCode}):\n${output()}`)
    }
    const answer = await ask().catch(() => null)
    if (answer?.ok) return
    await sleep(50)
  }
  throw new Error(`The server did not answer in ${startMs} ms:\n${output()}`)
}
