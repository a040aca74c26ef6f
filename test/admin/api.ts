/** What the tests of the management API share: a server, and programs that call it. */
import assert from 'node:assert/strict'
import { managementScopes } from '#src/admin/index.ts'
import type { Asked, Fetch } from '../support/loopback.ts'
import type { Scope as TestScope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'

const secret = 'a-management-secret-for-tests-only-a-secret'

export interface Answer {
  status: number
  headers: Headers
  /** Whatever was answered: the tests say what they expect of it. */
  body: ReturnType<typeof JSON.parse>
}

export interface Api {
  /** Calls the API as this program; `body` is sent as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  token: string
}

/** A client of the configuration file that may ask for these scopes. */
export const program = (client_id: string, api_scopes: readonly string[] = managementScopes) => ({
  client_id,
  client_secret: secret,
  grant_types: ['client_credentials'],
  api_scopes,
})

export const startManaged = (scope: TestScope, options: ServerOptions = {}): Promise<Server> => {
  const { clients = [], ...config } = (options.config ?? {}) as { clients?: object[] }
  return startServer(scope, {
    ...options,
    config: { ...config, clients: [program('ops'), ...clients] },
  })
}

export const accessToken = async (
  { fetch, baseUrl, issuer }: Pick<Server, 'fetch' | 'baseUrl' | 'issuer'>,
  clientId: string,
  scopes: readonly string[] = managementScopes,
): Promise<string> => {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: `${baseUrl}/api`,
      scope: scopes.join(' '),
    }),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return JSON.parse(text).access_token
}

/** @param token null calls without one */
export const apiOf = (
  { fetch, baseUrl }: { fetch: Fetch; baseUrl: string },
  token: string | null,
): Api => ({
  token: token ?? '',
  async call(method, path, body, headers = {}) {
    const asked: Asked = {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }
    const answer = await fetch(`${baseUrl}/api${path}`, asked)
    const text = await answer.text()
    const json = /[/+]json/.test(answer.headers.get('content-type') ?? '')
    return {
      status: answer.status,
      headers: answer.headers,
      body: json ? JSON.parse(text) : text,
    }
  },
})

/** The API as the program `ops` of {@link startManaged}, which may do everything. */
export const ops = async (server: Server): Promise<Api> =>
  apiOf(server, await accessToken(server, 'ops'))
