import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createPerson } from '../admin/console-people.ts'
import type { Visitor } from '../support/http.ts'
import type { Server } from '../support/server.ts'
import { messagingPages } from './messaging-pages.ts'

/** Every page of the console, with something on it where it lists anything. */
export const consolePages = async (server: Server, owner: Visitor): Promise<string[]> => [
  // First, so that what comes after is delivered to it.
  ...(await webhookPages(owner)),
  ...(await clientPages(server, owner)),
  ...(await peoplePages(owner)),
  ...(await messagingPages(owner)),
  ...(await importPages(owner)),
  ...(await auditPages(owner)),
  '/admin',
  '/admin/dashboard',
  '/admin/dashboard?range=24h&client=nobody',
  '/admin/experience',
  '/admin/experience/preview',
  '/admin/experience/words',
  '/admin/settings',
  '/admin/keys',
  '/admin/admins',
  '/admin/system',
  '/admin/system/doctor',
  '/admin/signed-out',
  '/api/docs',
]

/** A webhook that asks for a few events, and what is sent to it because of somebody. */
const webhookPages = async (owner: Visitor): Promise<string[]> => {
  await owner.open('/admin/webhooks/new')
  const made = await owner.submit('webhooks/new', {
    url: 'https://hooks.a-long-name-of-a-company.example/avouch/events',
    events: ['user.*', 'sign_in.completed'],
    more: 'something.else',
  })
  const page = /\/admin\/webhooks\/(?!new)[\w-]+/.exec(made.html)![0]
  await createPerson(owner, { name: 'Willi Webhook', username: 'willi.w' })
  return [
    '/admin/webhooks',
    '/admin/webhooks/new',
    page,
    `${page}?state=dead`,
    await deliveryOf(owner, page),
    `${page}/delete`,
  ]
}

/** What was told to a webhook; telling it is a moment behind. */
const deliveryOf = async (owner: Visitor, page: string): Promise<string> => {
  for (;;) {
    const { html } = await owner.open(page)
    const [found] = /\/admin\/webhooks\/[\w-]+\/deliveries\/[\w-]+/.exec(html) ?? []
    if (found) return found
    await sleep(100)
  }
}

/** The log, what a filter finds, and an event with its sign-in. */
const auditPages = async (owner: Visitor): Promise<string[]> => {
  const found = await owner.open('/admin/audit?event=sign_in.completed')
  const event = /\/admin\/audit\/\d+/.exec(found.html)![0]
  return ['/admin/audit', '/admin/audit?event=sign_in.*', event]
}

/** Somebody of whom all is known, and an invitation. */
const peoplePages = async (owner: Visitor): Promise<string[]> => {
  const { page } = await createPerson(owner, {
    name: 'Anna Muster',
    email: 'anna.muster@a-long-name-of-a-company.example',
    emailVerified: 'on',
    phone: '+41 79 123 45 67',
    username: 'anna.m',
    password: 'quiet harbour lamps 42',
  })
  const { pathname } = new URL(page.url)
  await owner.open('/admin/invitations/new')
  await owner.submit('new', { value: 'guest@example.com' })
  const found = await owner.open('/admin/users?q=owner@example.com')
  const signedIn = /\/admin\/users\/[\w-]{16,}/.exec(found.html)![0]
  return [
    '/admin/users',
    '/admin/users?q=nobody&blocked=true&createdAfter=2026-01-01',
    '/admin/users/new',
    pathname,
    `${pathname}/delete`,
    signedIn,
    '/admin/invitations',
    '/admin/invitations/new',
  ]
}

/** A trial import with a row that is refused, and an export. */
const importPages = async (owner: Visitor): Promise<string[]> => {
  const part = (name: string, value: string, more = '') =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
  const rows = 'id,email\na-1,a1@example.com\na-2,not an address\n'
  await owner.open('/admin/users/import')
  const page = await owner.post(
    '/admin/users/import',
    `${part('format', 'csv')}${part('dryRun', 'on')}${part('file', rows, '; filename="users.csv"')}--b--\r\n`,
    { 'content-type': 'multipart/form-data; boundary=b' },
  )
  const { pathname } = new URL(page.url)
  await owner.open('/admin/users/export')
  const made = await owner.submit('export', { format: 'csv' })
  const { pathname: exported } = new URL(made.url)
  return ['/admin/users/import', '/admin/users/export', '/admin/works', pathname, exported]
}

/** An application with two secrets that hears of no sign-out, and one that the configuration file holds. */
const clientPages = async (server: Server, owner: Visitor): Promise<string[]> => {
  await owner.open('/admin/clients/new?framework=dotnet')
  await owner.submit('new', {
    client_id: 'accounting',
    client_name: 'Accounting of the northern and north-eastern branches',
    redirect_uris: 'https://accounting.a-long-name-of-a-company.example/signin-oidc',
  })
  await owner.open('/admin/clients/accounting/secrets')
  await owner.submit('secrets', { label: 'Second machine', replace: 'on' })
  const db = new pg.Client(server.databaseUrl!)
  await db.connect()
  await db.query(
    `insert into logout_deliveries
       (client_id, account_id, sid, state, attempts, status, error, attempted_at, next_at)
     values ('accounting', 'somebody', 'a', 'dead', 1, 400, null, now(), now()),
            ('accounting', 'somebody-with-a-long-id-of-their-own', 'b', 'pending', 3, null, 'timeout',
             now(), now() + interval '1 hour')`,
  )
  await db.end()
  const below = ['', '/secrets', '/quick-start', '/quick-start?framework=curl', '/try', '/events']
  return [
    '/admin/clients',
    '/admin/clients?search=nothing-like-it',
    '/admin/clients/new',
    '/admin/clients/new?framework=flutter',
    ...below.map((path) => `/admin/clients/accounting${path}`),
    '/admin/clients/accounting/delete',
    '/admin/clients/demo',
  ]
}
