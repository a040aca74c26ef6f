/**
 * Requests to a server on loopback under the name that it has in public, as a reverse proxy would
 * pass them on. `fetch` cannot do that: it overwrites the Host header.
 */
import { Agent, request } from 'node:http'

export interface Asked {
  method?: string | undefined
  headers?: Record<string, string> | undefined
  body?: ConstructorParameters<typeof Response>[0]
  signal?: AbortSignal | undefined
}
export type Fetch = (url: string | URL, asked?: Asked) => Promise<Response>

/** A test that waits for ever does not say for what. */
const patienceMs = 60_000

const withoutBody = new Set([101, 204, 205, 304])

/**
 * Sends to the server at `address` what is meant for any URL, and follows no redirect.
 *
 * @param address such as `http://127.0.0.1:3000`
 * @param extra headers that the proxy would add, such as `x-forwarded-for`
 */
export const loopbackFetch = (address: string, extra: Record<string, string> = {}): Fetch => {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: 1000 })
  const { hostname, port } = new URL(address)

  return async (url, asked = {}) => {
    const target = new URL(url)
    // A request object knows how to turn each kind of body into bytes, and which type it has.
    const form = new Request('http://localhost', { method: 'POST', body: asked.body ?? null })
    const body = Buffer.from(await form.arrayBuffer())
    const type = form.headers.get('content-type')
    const headers = {
      ...(target.protocol === 'https:' ? { 'x-forwarded-proto': 'https' } : {}),
      ...extra,
      ...(asked.body && type ? { 'content-type': type } : {}),
      ...(asked.body ? { 'content-length': String(body.length) } : {}),
      ...lowerCased(asked.headers),
      host: asked.headers?.host ?? target.host,
    }
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent,
          hostname,
          port,
          method: asked.method ?? 'GET',
          path: target.pathname + target.search,
          headers,
          signal: asked.signal,
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const status = answer.statusCode!
            const got = new Headers()
            for (let at = 0; at < answer.rawHeaders.length; at += 2) {
              got.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!)
            }
            const content = withoutBody.has(status) ? null : Buffer.concat(chunks)
            resolve(new Response(content, { status, headers: got }))
          })
        },
      )
      sent.on('error', reject)
      sent.setTimeout(patienceMs, () => {
        sent.destroy(new Error(`${target.pathname} did not answer in ${patienceMs} ms`))
      })
      sent.end(body)
    })
  }
}

const lowerCased = (headers: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
