import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

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

/** A port of the loopback address that nobody listened on a moment ago; at random, so that those who
 * look at the same moment find different ones. */
export async function freePort(): Promise<number> {
  const port = randomInt(first, last)
  if (given.has(port) || !(await isFree(port))) return freePort()
  given.add(port)
  return port
}
