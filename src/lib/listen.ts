import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const drainMs = 20_000
const lookMs = 50
/** Whoever has connected sends the request within this time, or only meant to be ready for one. */
const silentMs = 1000

const connected = new WeakMap<Server, Set<Socket>>()

/** Resolves once the server listens. @throws when it can not, such as for a port that is taken */
export const listen = (server: Server, port: number, host: string | undefined): Promise<Server> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>()
    connected.set(server, sockets)
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    // Stays: a connection that can not be accepted later must not end the process.
    server.on('error', reject)
    server.listen({ port, host }, () => resolve(server))
  })

/**
 * Takes no new connections and answers what has begun. A connection is closed as soon as it waits for
 * nothing, and whoever still sends a request on one is told to take another for the next.
 */
export const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.prependListener('request', (_request, response: ServerResponse) => {
      response.setHeader('connection', 'close')
    })
    const looking = setInterval(() => server.closeIdleConnections(), lookMs)
    const silence = setTimeout(() => closeSilent(server), silentMs)
    const impatience = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearInterval(looking)
      clearTimeout(silence)
      clearTimeout(impatience)
      resolve()
    })
    server.closeIdleConnections()
  })

/** Browsers connect ahead of a request that may never come; to Node such a connection is not idle. */
const closeSilent = (server: Server): void => {
  for (const socket of connected.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy()
}
