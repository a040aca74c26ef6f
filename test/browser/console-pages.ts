import { createPerson } from '../admin/console-people.ts'
import type { Visitor } from '../support/http.ts'
import type { Server } from '../support/server.ts'

/** Every page of the console, with something on it where it lists anything. */
export const consolePages = async (_server: Server, owner: Visitor): Promise<string[]> => [
  ...(await peoplePages(owner)),
  '/admin',
  '/admin/dashboard',
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
