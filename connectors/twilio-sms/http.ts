import http from 'node:http'
import https from 'node:https'
import type { RequestClient } from 'twilio'
import { lost, refused } from './failures.ts'

export interface Patience {
  /** For name, connection and TLS. */
  connectMs: number
  /** From the call to the last byte of the answer. */
  totalMs: number
}

interface VendorRequest {
  method: string
  uri: string
  username?: string
  password?: string
  headers?: Record<string, string>
  data?: Record<string, unknown>
}

interface Answer {
  statusCode: number
  headers: http.IncomingHttpHeaders
  body: unknown
}

const longestAnswer = 65_536
/** Shorter than servers commonly keep an idle connection, so that it is we who give it up. */
const idleMs = 4000

const form = (data: Record<string, unknown>): string => {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) fields.append(name, String(each))
  }
  return fields.toString()
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const moved = (uri: string, baseUrl: string | undefined): URL => {
  if (!baseUrl) return new URL(uri)
  const { pathname, search } = new URL(uri)
  return new URL(baseUrl.replace(/\/+$/, '') + pathname + search)
}

/**
 * The transport that the vendor's package is given in place of its own. It can be sent to another
 * endpoint, keeps two time limits, follows no redirect, reads no endless answer, and knows whether
 * the request had left when something broke: only then is the outcome unknown.
 */
export const vendorHttp = ({
  baseUrl,
  patience,
}: {
  baseUrl: string | undefined
  patience: Patience
}) => {
  const agents = [
    new http.Agent({ keepAlive: true, timeout: idleMs, maxSockets: 50 }),
    new https.Agent({ keepAlive: true, timeout: idleMs, maxSockets: 50 }),
  ] as const

  const exchange = (given: VendorRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const url = moved(given.uri, baseUrl)
      const secure = url.protocol === 'https:'
      const body = given.data ? form(given.data) : ''
      const request = (secure ? https : http).request(url, {
        agent: agents[secure ? 1 : 0],
        method: given.method,
        auth: `${given.username}:${given.password}`,
        headers: { ...given.headers, 'content-length': Buffer.byteLength(body) },
      })

      let written = false
      const giveUp = (why: string) => request.destroy(new Error(why))
      const total = setTimeout(giveUp, patience.totalMs, 'No answer in time')
      const connecting = setTimeout(giveUp, patience.connectMs, 'No connection in time')
      const connected = () => {
        clearTimeout(connecting)
        written = true
      }
      request.once('socket', (socket) => {
        if (request.reusedSocket) connected()
        else socket.once(secure ? 'secureConnect' : 'connect', connected)
      })
      request.once('close', () => {
        clearTimeout(total)
        clearTimeout(connecting)
      })
      request.once('error', (error) => reject(lost(error, written)))
      request.once('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > longestAnswer) giveUp('The answer is too long')
        })
        response.once('error', (error) => reject(lost(error, written)))
        response.once('end', () =>
          resolve({
            statusCode: response.statusCode!,
            headers: response.headers,
            body: parse(text),
          }),
        )
      })
      request.end(body)
    })

  const client = {
    async request(given: VendorRequest): Promise<Answer> {
      const answer = await exchange(given)
      if (answer.statusCode >= 300) throw refused(answer)
      return answer
    },
  }

  return {
    client: client as unknown as RequestClient,
    close() {
      for (const agent of agents) agent.destroy()
    },
  }
}
