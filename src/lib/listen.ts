import type { Server, ServerResponse } from 'node:http'

const drainMs = 20_000
const lookMs = 50

/** Resolves once the server listens. @throws when it can not, such as for a port that is taken */
export const listen = (server: Server, port: number, host: string | undefined): Promise<Server> =>
  new Promise((resolve, reject) => {
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
    const impatience = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearInterval(looking)
      clearTimeout(impatience)
      resolve()
    })
    server.closeIdleConnections()
  })
