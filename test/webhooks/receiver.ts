/** A server that webhooks are sent to, which does what the test wants. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../support/scope.ts'

export interface Received {
  headers: IncomingMessage['headers']
  body: string
  /** The body, read. */
  message: { type: string; timestamp: string; data: Record<string, unknown> }
}

export type Behaviour = (response: ServerResponse, received: Received, number: number) => unknown

export interface Receiver {
  url: string
  received: Received[]
  /** From now on. */
  behave(how: Behaviour): void
  /** Waits until something came that is meant. */
  until(is: (received: Received) => boolean): Promise<Received>
}

const patienceMs = 20_000

export const receiver = async (scope: Scope): Promise<Receiver> => {
  const received: Received[] = []
  let behaviour: Behaviour = (response) => response.writeHead(204).end()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString()
    const one = { headers: request.headers, body, message: JSON.parse(body) }
    received.push(one)
    behaviour(response, one, received.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    behave(how) {
      behaviour = how
    },
    async until(is) {
      const deadline = Date.now() + patienceMs
      for (;;) {
        const found = received.find(is)
        if (found) return found
        if (Date.now() > deadline) throw new Error(`Came: ${received.map(({ body }) => body)}`)
        await sleep(50)
      }
    },
  }
}
