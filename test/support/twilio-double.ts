/** An HTTP server that speaks the little of Twilio's API that is used, and fails on request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from './scope.ts'

export interface Asked {
  method: string
  path: string
  /** `user:password` of the Basic scheme. */
  credentials: string
  form: Record<string, string>
}

export type Answer = (response: ServerResponse, asked: Asked) => void

export interface TwilioDouble {
  baseUrl: string
  /** Every request that arrived whole, oldest first. */
  asked: Asked[]
  /** How it answers from now on. */
  answer: Answer
  close(): Promise<void>
}

const json = (response: ServerResponse, status: number, body: object, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** Takes the message, and says that an account is active. */
export const accepts: Answer = (response, { method, form }) =>
  method === 'GET'
    ? json(response, 200, { sid: 'AC1', status: 'active' })
    : json(response, 201, { sid: `SM${form.Body?.length}`, status: 'queued', to: form.To })

/** An error as Twilio writes it. */
export const refuses =
  (status: number, code: number, headers = {}): Answer =>
  (response, { form }) => {
    const message = `The number ${form.To} was refused`
    json(response, status, { code, message, status, more_info: '' }, headers)
  }

export const neverAnswers: Answer = () => {}

export const hangsUp: Answer = (response) => response.socket!.destroy()

/** Sends the first half of an answer and then nothing. */
export const stopsHalfWay: Answer = (response) => {
  response.writeHead(201, { 'content-type': 'application/json' })
  response.write('{"sid":')
}

const read = async (request: IncomingMessage): Promise<Asked> => {
  let body = ''
  for await (const chunk of request) body += chunk
  const [, basic = ''] = request.headers.authorization?.split(' ') ?? []
  return {
    method: request.method!,
    path: request.url!,
    credentials: Buffer.from(basic, 'base64').toString(),
    form: Object.fromEntries(new URLSearchParams(body)),
  }
}

export const startTwilio = async (t: Scope): Promise<TwilioDouble> => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const one = await read(request)
    asked.push(one)
    double.answer(response, one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: TwilioDouble = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: accepts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  t.after(() => double.close())
  return double
}
