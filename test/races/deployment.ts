/** One deployment of two processes on PostgreSQL, with a shop in front, for races between them. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Visitor, visitor } from '../support/http.ts'
import { type Inbox, inbox } from '../support/inbox.ts'
import {
  type AuthorizationRequest,
  type RelyingParty,
  relyingParty,
  type Tokens,
} from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { type SeveralServers, startServers } from '../support/several-servers.ts'

/** How many do the same thing at the same moment. */
export const crowd = 100

export interface Deployment {
  servers: SeveralServers
  /** A confidential client of our own, and a public one, whose refresh tokens rotate. */
  shop: RelyingParty
  app: RelyingParty
  mail: Inbox
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  /** A browser at the page that asks who it is, for a request of `shop` or `party`. */
  arrive(party?: RelyingParty, parameters?: Record<string, string>): Promise<Arrival>
  /** Signs a new person in by email, and goes back to the shop or `party` with them. */
  signIn(
    email: string,
    party?: RelyingParty,
    parameters?: Record<string, string>,
  ): Promise<SignedIn>
  /** As if the wait before the next message were over. */
  forgetSends(): Promise<unknown>
  /** Resolves when everything that was queued has been delivered. */
  settled(): Promise<void>
}

export interface Arrival {
  person: Visitor
  request: AuthorizationRequest
}

export interface SignedIn extends Arrival {
  callbackUrl: string
}

/**
 * @param settings what else the configuration file holds
 * @param registration what else it says of the shop
 */
export async function deploy(
  scope: Scope,
  settings: object = {},
  registration: Record<string, unknown> = {},
): Promise<Deployment> {
  const shop = await relyingParty(scope, { registration })
  const app = await relyingParty(scope, { clientId: 'app', clientSecret: null })
  const servers = await startServers(scope, 2, {
    config: {
      clients: [shop.registration, app.registration],
      sign_in_experience: { profile: [] },
      ...settings,
    },
  })
  await shop.discover(servers)
  await app.discover(servers)
  const pool = new pg.Pool({ connectionString: servers.databaseUrl, max: 2 })
  pool.on('error', () => {})
  scope.after(() => pool.end())
  const sql: Deployment['sql'] = async (text, values = []) => (await pool.query(text, values)).rows

  const mail = inbox(servers)
  const arrive: Deployment['arrive'] = async (party = shop, parameters = {}) => {
    const person = visitor(servers)
    const request = await party.authorize({ scope: 'openid offline_access', ...parameters })
    await person.open(request.url)
    return { person, request }
  }

  return {
    servers,
    shop,
    app,
    mail,
    sql,
    arrive,
    async signIn(email, party = shop, parameters = {}) {
      const { person, request } = await arrive(party, parameters)
      await person.submit('identify', { identifier: email })
      const page = await person.submit('verify/email-code', { code: await mail.codeFor(email) })
      const { left } = page.left ? page : await person.submit('consent', { decision: 'allow' })
      assert.ok(left, `The sign-in ends at ${page.url}: ${page.text}`)
      return { person, request, callbackUrl: left }
    },
    forgetSends: () => sql('delete from send_limits'),
    async settled() {
      const waiting = `select 1 from deliveries where state in ('queued', 'sending')`
      while ((await sql(waiting)).length > 0) await sleep(20)
    },
  }
}

/** Everything that the winner of a race was given works. */
export async function assertLive(party: RelyingParty, tokens: Tokens): Promise<void> {
  assert.ok((await party.userinfo(tokens)).sub, 'the access token works')
  assert.ok((await party.refresh(tokens)).access_token, 'the refresh token works')
}

/** Nothing of what was given works any more. */
export async function assertRevoked(party: RelyingParty, tokens: Tokens): Promise<void> {
  await assert.rejects(party.userinfo(tokens), /.*/, 'the access token is dead')
  await assert.rejects(party.refresh(tokens), { error: 'invalid_grant' })
}
