import { createHash } from 'node:crypto'
import { mkdir, realpath, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'

export interface Embedded {
  /** A provider for knex's `connection`. */
  connection: never
  close(): Promise<void>
}

/**
 * Opens the embedded database in a folder of its own, which no second process may open: two of them
 * would silently lose each other's rows.
 *
 * @throws Error that names the process which has it open
 */
export async function openEmbedded(
  folder: string,
  owner = `process ${process.pid}`,
): Promise<Embedded> {
  const memory = folder.startsWith('memory://')
  const lock = memory ? null : await lockFolder(folder, owner)
  const lite = await PGlite.create(memory ? folder : join(folder, 'database'), {
    // 206 MB at rest instead of 342 MB. The defaults must stay: without them it hangs at boot.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'],
  })
  return {
    // One config for one PGlite: named statements outlive a client of it.
    connection: (() => createPgConfig(lite)) as never,
    async close() {
      await lite.close()
      lock?.close()
    },
  }
}

async function lockFolder(folder: string, owner: string): Promise<Server> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const real = await realpath(folder)
  // Linux frees an abstract socket with its process, even after kill -9; elsewhere it is a file.
  const abstract = process.platform === 'linux'
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 32)
  const address = abstract ? `\0avouch-${hash}` : join(real, 'lock')

  for (const attempt of ['first', 'second']) {
    const lock = await listen(address, owner)
    if (lock) return lock
    const holder = await askHolder(address)
    if (holder === null && !abstract && attempt === 'first') {
      await rm(address, { force: true })
      continue
    }
    throw new Error(`The data folder ${folder} is in use by ${holder ?? 'another process'}.`)
  }
  throw new Error(`The data folder ${folder} is in use by another process.`)
}

const listen = (address: string, owner: string) =>
  new Promise<Server | null>((resolve, reject) => {
    const server = createServer((socket) => socket.end(owner))
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
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => {
      words += chunk
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(words || null))
  })
