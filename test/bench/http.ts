import { Agent, request } from 'node:http'
import { cookieJar, type Jar } from '../support/cookies.ts'
import type { Target } from './setting.ts'

export interface Asked {
  path: string
  headers?: Record<string, string>
  /** Makes it a POST. */
  form?: Record<string, string>
}

export interface Answer {
  status: number
  /** As it was sent, so mind that it may be relative. */
  location: string
  cookies: readonly string[]
  body: string
}

export type Send = (asked: Asked) => Promise<Answer>

/** Requests over connections that are kept open, and as little else as possible. */
export const sender = ({ address, origin, headers: always }: Target): Send => {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(address)
  const { host } = new URL(origin)

  return ({ path, headers, form }) =>
    new Promise((resolve, reject) => {
      const body = form && new URLSearchParams(form).toString()
      const sent = request(
        {
          agent,
          hostname,
          port,
          path,
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            host,
            ...always,
            ...headers,
            ...(body === undefined
              ? {}
              : {
                  'content-type': 'application/x-www-form-urlencoded',
                  'content-length': body.length,
                }),
          },
        },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (part: string) => {
            text += part
          })
          answer.on('error', reject)
          answer.on('end', () =>
            resolve({
              status: answer.statusCode!,
              location: answer.headers.location ?? '',
              cookies: answer.headers['set-cookie'] ?? [],
              body: text,
            }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
}

/** @throws Error that shows the answer, when it is not the expected one */
export const expectStatus = (answer: Answer, status: number, what: string): Answer => {
  if (answer.status === status) return answer
  throw new Error(`${what}: ${answer.status} ${answer.location} ${answer.body.slice(0, 300)}`)
}

export interface Browser {
  send: Send
  jar: Jar
}

/** What a browser adds: cookies, and the headers that each of them sends. */
export const browser = (send: Send, { origin }: Target, address: string): Browser => {
  const jar = cookieJar()
  return {
    jar,
    async send({ path, headers, form }) {
      const url = new URL(path, origin)
      const answer = await send({
        path: url.pathname + url.search,
        headers: {
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          'accept-language': 'en',
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          'sec-fetch-site': form ? 'same-origin' : 'none',
          'x-forwarded-for': address,
          cookie: jar.header(url),
          ...(form ? { origin } : {}),
          ...headers,
        },
        ...(form ? { form } : {}),
      })
      jar.store(url, answer.cookies)
      return answer
    },
  }
}
