/** A server, people who look after their accounts, and what the tests of that share. */
import assert from 'node:assert/strict'
import pg from 'pg'
import { generous, headingOf } from '../flows/site.ts'
import { type Visit, type Visitor, visitor } from '../support/http.ts'
import { type Inbox, inbox } from '../support/inbox.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'

export const goodPassword = 'quiet harbour lamps of the north'

export interface Accounts {
  server: Server
  mail: Inbox
  /** Signs somebody up on the way to their account; they are on `to` then. */
  enter(email: string, to?: string): Promise<Visitor>
  /** Signs somebody in on the way to `to`, by email alone. */
  comeBack(email: string, to?: string): Promise<Visitor>
}

export const openAccounts = async (
  scope: Scope,
  { config = {}, ...options }: ServerOptions = {},
): Promise<Accounts> => {
  const server = await startServer(scope, { ...options, config: { limits: generous, ...config } })
  const mail = inbox(server)
  const comeBack = async (email: string, to = '/account') => {
    const person = visitor(server)
    await person.open(to)
    const before = new Date()
    await person.submit('identify', { identifier: email })
    await person.submit('verify/email-code', { code: await mail.codeFor(email, before) })
    return person
  }
  return {
    server,
    mail,
    comeBack,
    async enter(email, to) {
      const person = await comeBack(email, to)
      await person.submit('profile', { name: 'Anna Muster' })
      return person
    },
  }
}

/** The database of a server, to look at and to let time pass in. */
export const connect = (scope: Scope, { server }: Accounts): pg.Pool => {
  const pool = new pg.Pool({ connectionString: server.databaseUrl!, max: 1 })
  pool.on('error', () => {})
  scope.after(() => pool.end())
  return pool
}

/** Adds an address or number on the pages, with the code that comes there. */
export const addIdentifier = async (
  { mail }: Pick<Accounts, 'mail'>,
  person: Visitor,
  to: string,
): Promise<Visit> => {
  await person.open(to.includes('@') ? '/account/emails/new' : '/account/phones/new')
  const before = new Date()
  await person.submit('new', { identifier: to })
  return person.submit('verify', { code: await mail.codeFor(to, before) })
}

/** Asserts on which page of an account a browser is, and what is said on it. */
export const assertAt = (visit: Visit, path: string, said?: RegExp): void => {
  const there = `${visit.status} ${visit.url}: ${headingOf(visit)}: ${visit.text.slice(0, 300)}`
  assert.equal(new URL(visit.url).pathname, path, there)
  if (said) assert.match(visit.text, said, there)
}

/** Opens the page behind a link whose words and address are like this. */
export const follow = (person: Visitor, href: RegExp): Promise<Visit> => {
  const { html, url } = person.here()
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, each = '']) => each)
  const found = links.find((each) => href.test(each))
  assert.ok(found, `No link ${href} on ${url}, only ${links.join(' ')}`)
  return person.open(found.replaceAll('&amp;', '&'))
}
