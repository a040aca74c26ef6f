/** One server with a shop in front, and what every whole sign-in has to show. */
import assert from 'node:assert/strict'
import pg from 'pg'
import { type Visit, type Visitor, visitor } from '../support/http.ts'
import { type Inbox, inbox } from '../support/inbox.ts'
import {
  type AuthorizationRequest,
  type RelyingParty,
  type RelyingPartyOptions,
  relyingParty,
  type Tokens,
} from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, startServer } from '../support/server.ts'

/** A browser that a relying party has sent here. */
export interface Arrival {
  person: Visitor
  party: RelyingParty
  request: AuthorizationRequest
  /** Seconds since 1970. */
  at: number
}

export interface Site {
  server: Server
  shop: RelyingParty
  /** All relying parties: `shop`, then those that were asked for. */
  parties: readonly RelyingParty[]
  mail: Inbox
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  /** Sends a browser here, a new one unless given, with a request of the shop unless of another. */
  arrive(
    parameters?: Record<string, string>,
    as?: { person?: Visitor; party?: RelyingParty },
  ): Promise<Arrival>
}

/** So that one person can try everything within a minute. */
export const generous = {
  resend: [0],
  sends_per_hour: 1000,
  sends_per_day: 1000,
  failures: 100,
}

const scope = 'openid profile email phone offline_access'

/**
 * @param config what else the configuration file holds
 * @param others further relying parties; each needs a `clientId` of its own
 */
export async function openSite(
  owner: Scope,
  config: object = {},
  others: readonly RelyingPartyOptions[] = [],
): Promise<Site> {
  const parties: RelyingParty[] = []
  for (const options of [{}, ...others]) parties.push(await relyingParty(owner, options))
  const [shop] = parties as [RelyingParty]
  const server = await startServer(owner, {
    config: {
      limits: generous,
      clients: parties.map(({ registration }) => registration),
      ...config,
    },
  })
  for (const party of parties) await party.discover(server)
  const pool = new pg.Pool({ connectionString: server.databaseUrl!, max: 1 })
  pool.on('error', () => {})
  owner.after(() => pool.end())

  return {
    server,
    shop,
    parties,
    mail: inbox(server),
    sql: async (text, values = []) => (await pool.query(text, values)).rows,
    async arrive(parameters = {}, { person = visitor(server), party = shop } = {}) {
      const at = Math.floor(Date.now() / 1000)
      const request = await party.authorize({ scope, ...parameters })
      await person.open(request.url)
      return { person, party, request, at }
    },
  }
}

/** The first heading of the page that a browser is on. */
export const headingOf = ({ html }: Visit): string =>
  /<h1[^>]*>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '') ?? ''

/** Asserts that a browser is on the page with this heading, and says what is there otherwise. */
export function assertOn(visit: Visit, heading: string | RegExp): void {
  const there = `${visit.url} (${visit.status}, left to ${visit.left}): ${visit.text.slice(0, 400)}`
  if (typeof heading === 'string') assert.equal(headingOf(visit), heading, there)
  else assert.match(headingOf(visit), heading, there)
}

/** What the relying party is told where there is no code for it. */
export const errorOf = ({ left, url, text }: Visit): string | null => {
  assert.ok(left, `Still at ${url}: ${text.slice(0, 400)}`)
  return new URL(left).searchParams.get('error')
}

/** The tokens of a browser that is back at its relying party. */
export async function tokensOf({ person, party, request }: Arrival): Promise<Tokens> {
  const { left, url, status, text } = person.here()
  assert.ok(left, `Still at ${url} (${status}): ${text.slice(0, 400)}`)
  return party.exchange(request, left)
}

export interface Expected {
  amr: readonly string[]
  acr: 'aal1' | 'aal2' | 'phr'
}

/** Asserts what the ID token says of a sign-in that has just ended. */
export async function assertSignedIn(arrival: Arrival, expected: Expected): Promise<Tokens> {
  const tokens = await tokensOf(arrival)
  const claims = tokens.claims()!
  assert.deepEqual([...(claims.amr as string[])].sort(), [...expected.amr].sort())
  assert.equal(claims.acr, expected.acr)
  assert.equal(claims.nonce, arrival.request.nonce)
  assert.ok(typeof claims.sid === 'string' && claims.sid.length > 20, 'sid')
  assert.ok(claims.auth_time! >= arrival.at && claims.auth_time! <= Date.now() / 1000, 'auth_time')
  return tokens
}

/** The relying party's answer to `prompt=none`: null when the browser is signed in. */
export async function askSilently(
  site: Site,
  person: Visitor,
  parameters: Record<string, string> = {},
): Promise<string | null> {
  const silent = await site.arrive({ prompt: 'none', ...parameters }, { person: person.copy() })
  return errorOf(silent.person.here())
}

/** From the callback to userinfo, refresh and sign-out, after which nothing of it works any more. */
export async function assertWhole(
  site: Site,
  arrival: Arrival,
  expected: Expected,
): Promise<Tokens> {
  const { party, person } = arrival
  const tokens = await assertSignedIn(arrival, expected)
  const { sub, sid, amr, acr, auth_time: at } = tokens.claims()!
  assert.equal((await party.userinfo(tokens)).sub, sub)

  const refreshed = await party.refresh(tokens)
  const again = refreshed.claims()!
  assert.deepEqual(
    { sub: again.sub, sid: again.sid, amr: again.amr, acr: again.acr, at: again.auth_time },
    { sub, sid, amr, acr, at },
  )
  assert.equal((await party.userinfo(refreshed)).sub, sub)

  assert.equal(await askSilently(site, person), null, 'the browser is signed in')
  const out = await person.open(party.logoutUrl(refreshed))
  assert.ok(out.left?.startsWith(party.signedOutUri), `Still at ${out.url}: ${out.text}`)
  assert.equal(await askSilently(site, person), 'login_required')
  await assert.rejects(party.refresh({ ...tokens, ...refreshed }), { error: 'invalid_grant' })
  return tokens
}
