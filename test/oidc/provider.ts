/** What the tests of the protocol share: a server with its applications, and people who sign in. */
import assert from 'node:assert/strict'
import pg from 'pg'
import { type Visit, type Visitor, visitor } from '../support/http.ts'
import { type InboxMessage, inbox } from '../support/inbox.ts'
import type { Fetch } from '../support/loopback.ts'
import type { AuthorizationRequest, RelyingParty, Tokens } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'

/** Sign-ins that ask for nothing but a code, as often as a test likes. */
export const quick = {
  sign_in_experience: { profile: [] },
  limits: { resend: [0], sends_per_hour: 1000, sends_per_day: 1000 },
}

/** A server that knows these applications, and applications that know the server. */
export async function startProvider(
  scope: Scope,
  parties: readonly RelyingParty[],
  options: ServerOptions = {},
): Promise<Server> {
  const clients = parties.map(({ registration }) => registration)
  const server = await startServer(scope, {
    ...options,
    config: { ...quick, clients, ...options.config },
  })
  for (const party of parties) await party.discover(server)
  return server
}

export interface Answered {
  request: AuthorizationRequest
  /** Where the browser came back to. */
  url: string
}

/** A person with a phone and a browser. */
export interface Member {
  phone: string
  browser: Visitor
  /** Opens an authorization request, and proves who they are if they are asked to. */
  authorize(party: RelyingParty, parameters?: Record<string, string>): Promise<Answered>
  /** The same, and the application redeems its code. */
  signIn(party: RelyingParty, parameters?: Record<string, string>): Promise<Tokens>
  /** From the page that asks who they are, or for the code, to wherever that leads. */
  prove(): Promise<Visit>
}

let people = 100
/** By phone, the message whose code was typed last. */
const typed = new Map<string, string>()

const newPhone = () => `+1201555${String(people++).padStart(4, '0')}`

/** @param phone of somebody who is known already, for another browser of theirs */
export const newMember = (
  server: { fetch: Fetch; baseUrl: string },
  phone = newPhone(),
): Member => {
  const browser = visitor(server)
  const messages = inbox(server)

  const prove = async () => {
    if (browser.here().forms.some(({ action }) => action.endsWith('/identify'))) {
      await browser.submit('identify', { identifier: phone })
    }
    const message = await newMessage()
    typed.set(phone, message.id)
    return browser.submit('verify/sms-code', { code: message.code! })
  }

  /** The message is on its way when the page is drawn. */
  const newMessage = async (): Promise<InboxMessage> => {
    const newest = await messages.messageFor(phone)
    if (newest.id !== typed.get(phone)) return newest
    return messages.messageFor(phone, new Date(newest.createdAt))
  }

  const authorize: Member['authorize'] = async (party, parameters = {}) => {
    const request = await party.authorize(parameters)
    const visit = await browser.open(request.url)
    const end = visit.left ? visit : await prove()
    assert.ok(end.left, `No answer, but a page: ${end.status} ${end.text.slice(0, 300)}`)
    return { request, url: end.left }
  }

  return {
    phone,
    browser,
    authorize,
    async signIn(party, parameters) {
      const { request, url } = await authorize(party, parameters)
      return party.exchange(request, url)
    },
    prove,
  }
}

/** What the endpoints answer with, all in one; which members are there is for a test to say. */
interface Members {
  error: string
  error_description: string
  access_token: string
  refresh_token: string
  id_token: string
  token_type: string
  expires_in: number
  request_uri: string
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
}

export interface Answer {
  status: number
  headers: Headers
  body: Members
}

/** Posts a form to one of the protocol's endpoints, and reads the JSON. */
export const ask = async (
  server: { fetch: Fetch; issuer: string },
  endpoint: string,
  fields: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const answer = await server.fetch(`${server.issuer}/${endpoint}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null }
}

/** Value of the Authorization header for a client with a secret (RFC 6749, section 2.3.1). */
export const basic = (clientId: string, secret: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

/** One error of the protocol, as `openid-client` reports it. */
export const refuses = async (work: Promise<unknown>, error: string): Promise<void> => {
  await assert.rejects(work, (thrown: { error?: string; cause?: { error?: string } }) => {
    assert.equal(thrown.error ?? thrown.cause?.error ?? String(thrown), error)
    return true
  })
}

export type Sql = <Row = Record<string, unknown>>(
  text: string,
  values?: unknown[],
) => Promise<Row[]>

/** The server's database, for what would take a test too long to wait for. */
export const database = (scope: Scope, server: { databaseUrl: string | null }): Sql => {
  const pool = new pg.Pool({ connectionString: server.databaseUrl!, max: 1 })
  pool.on('error', () => {})
  scope.after(() => pool.end())
  return async (text, values = []) => (await pool.query(text, values)).rows
}

/** Lets as much time pass for what was redeemed already. */
export const passSeconds = (sql: Sql, seconds: number): Promise<unknown> =>
  sql(
    `update oidc_tokens set consumed_at = consumed_at - make_interval(secs => $1)
      where consumed_at is not null`,
    [seconds],
  )
