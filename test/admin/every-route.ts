/** A valid call of every operation of the management API, each about something that was just made. */
import assert from 'node:assert/strict'
import { sha256 } from '#src/lib/crypto.ts'
import type { Api } from './api.ts'
import type { Sql } from './people.ts'

export interface Described {
  operationId: string
  description?: string
  security: [{ oauth: [string] }]
  parameters: { in: string; name: string; schema: object }[]
  requestBody?: { content: Record<string, { schema?: Record<string, unknown> }> }
  responses: Record<string, { content?: Record<string, { schema?: Record<string, unknown> }> }>
}

/** An operation as the document of the API has it. */
export interface Route extends Described {
  id: string
  method: string
  path: string
  scope: string
  /** What it answers when all is well. */
  status: number
}

/** Every operation that `/api/openapi.json` names. */
export const routesOf = async (api: Api): Promise<Route[]> => {
  const { body } = await api.call('GET', '/openapi.json')
  const paths = body.paths as Record<string, Record<string, Described>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => ({
      ...each,
      id: each.operationId,
      method: method.toUpperCase(),
      path,
      scope: each.security[0].oauth[0],
      status: Number(Object.keys(each.responses)[0]),
    })),
  )
}

export const takes = ({ parameters }: Route, where: string, name: string): boolean =>
  parameters.some((each) => each.in === where && each.name === name)

export interface Ask {
  /** Of the path, in its order; `raw:` is what is encoded already. */
  path?: string[]
  query?: string
  body?: object
  /** A file, and its type. */
  file?: readonly [text: string, type: string]
}

export const send = (
  api: Api,
  { method, path }: Route,
  { path: given = [], query = '', body, file }: Ask,
  headers: Record<string, string> = {},
) => {
  const left = [...given]
  const written = (part: string) =>
    part.startsWith('raw:') ? part.slice('raw:'.length) : encodeURIComponent(part)
  const filled = path.replace(/\{\w+\}/g, () => written(left.shift()!))
  const where = query ? `${filled}?${query}` : filled
  return file
    ? api.call(method, where, file[0], { 'content-type': file[1], ...headers })
    : api.call(method, where, body, headers)
}

export interface World {
  /** May do everything. */
  api: Api
  sql: Sql
  /** Where text messages and webhooks go. */
  twilioUrl: string
  receiverUrl: string
}

let number = 0
const next = (): number => ++number

/** Makes what the operations are about; each call another one. */
export const making = ({ api, sql, twilioUrl, receiverUrl }: World) => {
  const made = async (path: string, body: object) => {
    const answer = await api.call('POST', path, body)
    assert.ok(answer.status === 201, `${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const config = () => ({
    accountSID: 'ACtest',
    authToken: 'a-token-for-tests-only',
    fromNumber: '+15550100',
    baseUrl: twilioUrl,
  })

  return {
    config,
    person: async (): Promise<string> => (await made('/users', { name: `Person ${next()}` })).id,
    async admin(role: string): Promise<string> {
      const id = await this.person()
      await sql('insert into admins (user_id, role) values ($1, $2)', [id, role])
      return id
    },
    async identifier(userId: string): Promise<string> {
      const value = `i${next()}@example.com`
      const body = { type: 'email', value, verified: true }
      assert.equal((await api.call('POST', `/users/${userId}/identifiers`, body)).status, 200)
      return value
    },
    async session(userId: string): Promise<string> {
      const uid = `session-${next()}`
      await sql(
        `insert into oidc_sessions (uid, id, account_id, payload, authorizations, expires_at)
         values ($1, $3, $2, '{}', '{}', now() + interval '1 day')`,
        [uid, userId, sha256(uid)],
      )
      return uid
    },
    async consent(userId: string): Promise<string> {
      const clientId = `consented-${next()}`
      await sql(`insert into consents (user_id, client_id, scopes) values ($1, $2, '{openid}')`, [
        userId,
        clientId,
      ])
      return clientId
    },
    async device(userId: string): Promise<string> {
      const [row] = await sql<{ browser: Buffer }>(
        `insert into known_browsers (browser, user_id, identifier_type, identifier_value, method)
         values ($1, $2, 'email', 'a@example.com', 'email-code') returning browser`,
        [sha256(`browser-${next()}`), userId],
      )
      return row!.browser.toString('base64url')
    },
    async trusted(userId: string): Promise<string> {
      const id = `trusted-${next()}`
      await sql(
        `insert into trusted_browsers (id, user_id, browser, token, expires_at)
         values ($1, $2, $3, $3, now() + interval '1 day')`,
        [id, userId, sha256(id)],
      )
      return id
    },
    async reset(userId: string): Promise<string> {
      const id = `reset-${next()}`
      await sql(`delete from factor_resets where user_id = $1`, [userId])
      await sql('insert into factor_resets (id, user_id) values ($1, $2)', [id, userId])
      return id
    },
    client: async (api_scopes: readonly string[] = []): Promise<string> =>
      (
        await made('/clients', {
          client_name: `Client ${next()}`,
          redirect_uris: ['https://made.example/callback'],
          grant_types: ['authorization_code', 'client_credentials'],
          api_scopes,
        })
      ).client_id,
    secret: async (clientId: string): Promise<string> =>
      (await made(`/clients/${clientId}/secrets`, {})).id,
    async connector(): Promise<string> {
      const id = `made-${next()}`
      await made('/connectors', { id, connector: 'twilio-sms', enabled: false, config: config() })
      return id
    },
    async words(id: string): Promise<string> {
      const path = `/connectors/${id}/templates/SignIn`
      assert.equal((await api.call('PUT', path, { content: 'It is {{code}}' })).status, 200)
      return (await api.call('GET', `${path}/versions`)).body.data[0].id
    },
    async message(): Promise<string> {
      const id = `delivery-${next()}`
      await sql(
        `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state,
                                 expires_at, finished_at)
         values ($1, 'sms', '', '+41•••67', 'SignIn', 'accepted', now(), now())`,
        [id],
      )
      return id
    },
    webhook: async (): Promise<string> =>
      (await made('/webhooks', { url: receiverUrl, events: ['never.happens'] })).id,
    async told(): Promise<string> {
      const id = `msg_${next()}`
      await sql(
        `insert into webhook_deliveries (id, webhook_id, event_id, event, body, state, attempts)
         values ($1, $2, 1, 'never.happens', '{"type":"never.happens"}', 'dead', 8)`,
        [id, await this.webhook()],
      )
      return id
    },
    invitation: async (): Promise<string> =>
      (await made('/invitations', { type: 'email', value: `v${next()}@example.com` })).id,
    async work(): Promise<string> {
      const id = `work-${next()}`
      await sql(
        `insert into works (id, kind, state, options, created_by_kind, created_by, lease_until)
         values ($1, 'users.import', 'uploading', '{}', 'client', 'ops', now() + interval '1 hour')`,
        [id],
      )
      return id
    },
    /** An export that has ended. */
    async exported(passwords: boolean): Promise<string> {
      const id = `export-${next()}`
      await sql(
        `insert into works (id, kind, state, options, created_by_kind, created_by, makes_file,
                            finished_at)
         values ($1, 'users.export', 'done', $2, 'client', 'ops', true, now())`,
        [id, JSON.stringify({ format: 'csv', passwords })],
      )
      return id
    },
    async event(): Promise<{ id: string; interaction: string }> {
      const interaction = `interaction-${next()}`
      const [row] = await sql<{ id: string }>(
        `insert into audit_events (event, interaction_uid) values ('test.made', $1) returning id`,
        [interaction],
      )
      return { id: row!.id, interaction }
    },
  }
}

export type Making = ReturnType<typeof making>
