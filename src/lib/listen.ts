import type { Server } from 'node:http'

const drainMs = 20_000

/** Resolves once the server listens. @throws when it can not, such as for a port that is taken */
export const listen = (server: Server, port: number, host: string | undefined): Promise<Server> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => resolve(server))
  })

/** Answers what has begun; connections that wait for nothing are closed at once. */
export const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(impatience)
      resolve()
    })
    server.closeIdleConnections()
  })
