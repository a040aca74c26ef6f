import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ConfigurationError } from '#config/configuration-error.ts'
import type { Lite } from './lite.ts'

export interface Embedded {
  /** A provider for knex's `connection`. */
  connection: never
  close(): Promise<void>
}

/**
 * Opens the embedded database in a folder of its own, which no second process may open: two of them
 * would silently lose each other's rows.
 *
 * @throws ConfigurationError that names the process which has it open
 */
export async function openEmbedded(
  folder: string,
  owner = `process ${process.pid}`,
): Promise<Embedded> {
  const memory = folder.startsWith('memory://')
  const lock = memory ? null : await lockFolder(folder, owner)
  const { connectionTo, openLite } = await import('./lite.ts')
  const lite = await (memory ? openLite(folder) : openWhole(folder, openLite))
  return {
    connection: connectionTo(lite),
    async close() {
      await lite.close()
      lock?.close()
    },
  }
}

/** Making a database takes seconds; one that was killed meanwhile is made anew. */
async function openWhole(folder: string, open: (place: string) => Promise<Lite>): Promise<Lite> {
  const place = join(folder, 'database')
  const making = join(folder, 'database-is-being-made')
  if (existsSync(making)) await rm(place, { recursive: true, force: true })
  if (existsSync(place)) return open(place)
  await writeFile(making, '')
  const lite = await open(place)
  await rm(making)
  return lite
}

/** What the process says of itself that has the embedded database of a folder open; null: nobody. */
export async function embeddedHolder(folder: string): Promise<string | null> {
  const real = await realpath(folder).catch(() => null)
  return real === null ? null : askHolder(lockAddress(real))
}

// Linux frees an abstract socket with its process, even after kill -9; elsewhere it is a file.
const abstract = process.platform === 'linux'

const lockAddress = (real: string): string => {
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 32)
  return abstract ? `\0avouch-${hash}` : join(real, 'lock')
}

async function lockFolder(folder: string, owner: string): Promise<Server> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const address = lockAddress(await realpath(folder))

  for (const attempt of ['first', 'second']) {
    const lock = await listen(address, owner)
    if (lock) return lock
    const holder = await askHolder(address)
    if (holder === null && !abstract && attempt === 'first') {
      await rm(address, { force: true })
      continue
    }
    throw inUse(folder, holder)
  }
  throw inUse(folder, null)
}

const inUse = (folder: string, holder: string | null) =>
  new ConfigurationError('The embedded database can not be opened.', [
    `DATA_DIR: ${folder} is in use by ${holder ?? 'another process'}`,
  ])

const listen = (address: string, owner: string) =>
  new Promise<Server | null>((resolve, reject) => {
    const server = createServer((socket) => {
      // Whoever asked may be gone before the answer.
      socket.on('error', () => {})
      socket.end(owner)
    })
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(address, () => resolve(server.unref()))
  })

/** What the process behind the lock says of itself; null where nobody answers. */
const askHolder = (address: string) =>
  new Promise<string | null>((resolve) => {
    let words = ''
    const socket = connect(address)
    // Long, since a process that starts is busy with nothing else for a second or two.
    socket.setTimeout(5000, () => socket.destroy())
    socket.on('data', (chunk) => {
      words += chunk
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(words || null))
  })
