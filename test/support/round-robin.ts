import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from './scope.ts'

export interface RoundRobin {
  /** Where browsers go. */
  origin: string
  /** Which servers answer, in turn, such as `http://127.0.0.1:3000`. */
  forwardTo(addresses: readonly string[]): void
}

/**
 * A load balancer without affinity: each request goes to another server than the one before. It
 * passes everything on as it is, so the servers take its origin for their own.
 */
export async function roundRobin(scope: Scope): Promise<RoundRobin> {
  const agent = new Agent({ keepAlive: true })
  let targets: readonly string[] = []
  let turn = 0

  const server = createServer((asked, answer) => {
    const target = targets[turn++ % targets.length]
    if (target) pass(new URL(target), agent, asked, answer)
    else answer.writeHead(502).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.close()
    server.closeAllConnections()
    agent.destroy()
  })

  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    forwardTo(addresses) {
      targets = addresses
    },
  }
}

const pass = (target: URL, agent: Agent, asked: IncomingMessage, answer: ServerResponse): void => {
  const passed = request({
    agent,
    hostname: target.hostname,
    port: target.port,
    method: asked.method,
    path: asked.url,
    headers: asked.headers,
  })
  passed.on('response', (got) => {
    answer.writeHead(got.statusCode!, got.rawHeaders)
    got.pipe(answer)
  })
  passed.on('error', () => {
    if (answer.headersSent) answer.destroy()
    else answer.writeHead(502).end()
  })
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}
