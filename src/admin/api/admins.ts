import { z } from 'zod'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { adminRepository } from '../access/admin-repository.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { type Operation, operation, roles } from '../contract.ts'
import { personId } from './user-view.ts'

const admin = z.object({
  userId: z.string(),
  name: z.string().nullable(),
  role: z.enum(roles),
  blocked: z.boolean(),
  secondFactor: z.boolean().describe('Whether an authenticator app is set up.'),
  /** Since when. */
  createdAt: z.date().transform((date) => date.toISOString()),
  version: z.int(),
})
const userId = personId.shape.id
const who = z.strictObject({ userId })
const key = z.tuple([userId])

/** Who manages this server. Only an owner changes that. */
export const adminOperations = (): Operation[] => [
  operation({
    id: 'admins.list',
    method: 'GET',
    path: '/admins',
    scope: 'admins:read',
    summary: 'Everybody who has a role, by user id.',
    query: z.strictObject(page),
    answer: listOf(admin),
    async run({ db, query: { limit, cursor } }) {
      const [after = ''] = readCursor(cursor, key) ?? []
      const rows = await adminRepository(db).list(after, limit + 1)
      return pageOf(
        rows,
        limit,
        ({ userId }) => [userId],
        (row) => row,
      )
    },
  }),

  operation({
    id: 'admins.put',
    method: 'PUT',
    path: '/admins/{userId}',
    scope: 'admins:write',
    summary: 'Gives a person a role, or another one. Their console asks for a password and an app.',
    versioned: true,
    params: who,
    body: z.strictObject({ role: z.enum(roles) }),
    answer: admin,
    destructive: true,
    note: ({ params, body }) => ({ event: 'admin.changed', userId: params.userId, detail: body }),
    async run({ db, params: { userId }, body: { role }, version }) {
      if (role !== 'owner') await protectAdmins(db).keepAnOwner(userId)
      const admins = adminRepository(db)
      if (!(await admins.put(userId, role, version))) {
        throw new Problem((await admins.find(userId)) ? 'version_changed' : 'not_found')
      }
      return (await admins.find(userId))!
    },
  }),

  operation({
    id: 'admins.remove',
    method: 'DELETE',
    path: '/admins/{userId}',
    scope: 'admins:write',
    summary: 'Takes the role away; the person and their account stay.',
    versioned: true,
    params: who,
    destructive: true,
    note: ({ params }) => ({ event: 'admin.removed', userId: params.userId }),
    async run({ db, params: { userId }, version }) {
      const protection = protectAdmins(db)
      await protection.keepAnOwner(userId)
      const admins = adminRepository(db)
      if (!(await admins.remove(userId, version))) {
        throw new Problem((await admins.find(userId)) ? 'version_changed' : 'not_found')
      }
      await protection.endConsole(userId)
    },
  }),
]
