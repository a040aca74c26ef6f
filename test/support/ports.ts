import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

// Below the ports that systems give to outgoing connections, which could take one in between.
const first = 15_000
const last = 32_000

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** What this process has been given: nobody listens there yet, and yet it is taken. */
const given = new Set<number>()

/** Among all processes of one run, whoever makes the folder first has the port. */
const claim = async (port: number): Promise<boolean> => {
  if (given.has(port)) return false
  given.add(port)
  const shared = process.env.TEST_FOLDER
  if (!shared) return true
  return mkdir(join(shared, `port-${port}`)).then(
    () => true,
    () => false,
  )
}

/** A port of the loopback address that nobody listened on a moment ago, and nobody else is given. */
export async function freePort(): Promise<number> {
  const port = randomInt(first, last)
  return (await claim(port)) && (await isFree(port)) ? port : freePort()
}
