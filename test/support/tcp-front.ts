import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Scope } from './scope.ts'

export interface TcpFront {
  /** The same URL with this front in between. */
  url: string
  /** From now on nothing gets through either way, and nothing is refused: a dead network. */
  swallow(): void
  /** Lets everything through again, on new connections; those that were swallowed stay lost. */
  pass(): void
}

/** A piece of network between a client and the server of `url`, which can be made to fail. */
export async function tcpFront(scope: Scope, url: string): Promise<TcpFront> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let swallowing = false

  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    return socket
  }

  const server = createServer((inner) => {
    keep(inner)
    if (swallowing) return
    const outer = keep(connect(Number(target.port || 5432), target.hostname))
    inner.pipe(outer).pipe(inner)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })

  const front = new URL(url)
  front.hostname = '127.0.0.1'
  front.port = String((server.address() as AddressInfo).port)
  return {
    url: front.href,
    swallow() {
      swallowing = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    pass() {
      swallowing = false
    },
  }
}
