import { type IncomingMessage, request } from 'node:http'
import type { CustomFetch } from 'openid-client'

export interface Listening {
  host: string | undefined
  port: number
}

const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
const patienceMs = 10_000

/**
 * Sends requests for our own public address to where this process listens: behind a proxy, a server
 * often can not reach its own public name.
 */
export const ownFetch =
  ({ host = '127.0.0.1', port }: Listening): CustomFetch =>
  async (url, { method, headers, body }) => {
    const target = new URL(url)
    const text = body === undefined || body === null ? '' : String(body)
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        {
          host: everywhere[host] ?? host,
          port,
          method,
          path: target.pathname + target.search,
          headers: {
            ...headers,
            host: target.host,
            ...(text ? { 'content-length': String(Buffer.byteLength(text)) } : {}),
          },
          timeout: patienceMs,
        },
        resolve,
      )
      asked.on('error', reject)
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
      asked.end(text)
    })
    const parts: Buffer[] = []
    for await (const part of answer) parts.push(part)
    const headersOf = Object.entries(answer.headersDistinct).map(
      ([name, values]): [string, string] => [name, values?.join(', ') ?? ''],
    )
    return new Response(Buffer.concat(parts), {
      status: answer.statusCode ?? 502,
      headers: headersOf,
    })
  }
