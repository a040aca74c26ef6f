import { z } from 'zod'
import { listOf, page, pageOf, readCursor, writeCursor } from '#src/api/index.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import {
  addIdentifier,
  changeUser,
  createUser,
  customData,
  deleteUser,
  findMatching,
  personLocale,
  personName,
  readSearch,
  removeIdentifier,
  roleNames,
  userSearchRepository,
} from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { type Operation, operation } from '../contract.ts'
import { newPassword } from './user-password.ts'
import { type EndAccess, identifierType, instant, person, personId, userView } from './user-view.ts'

export interface UserDeps {
  settings: Pick<SettingsStore, 'current'>
  passwords: PasswordMethod
  endAccess: EndAccess
}

const listed = z.object({
  id: z.string(),
  name: z.string().nullable(),
  blocked: z.boolean(),
  roles: z.array(z.string()),
  identifiers: z.array(z.object({ type: z.string(), value: z.string(), verified: z.boolean() })),
  createdAt: instant,
  lastSignInAt: instant.nullable(),
})

/** As it is answered. */
export type ListedView = z.output<typeof listed>

const text = z
  .string()
  .max(512)
  .refine((given) => given.isWellFormed() && !given.includes('\0'))
const listKey = z.tuple([z.string().regex(/^\d{1,16}$/), text])
const foundKey = z.tuple([z.literal([1, 2]), text, text])

const identifier = z.strictObject({
  type: identifierType,
  value: z.string().max(512).describe('As people write it; phone numbers with their country code.'),
  verified: z
    .boolean()
    .default(false)
    .describe('It is known to be theirs: a message to it may sign them in.'),
})

const fields = {
  name: personName.nullable(),
  locale: personLocale.nullable(),
  roles: roleNames.describe('Roles in applications; the claim `roles`.'),
  customData: customData.describe('At most 16 KB and eight levels; the claim `custom_data`.'),
}

/** People: who there is, and what is known of them. */
export const userOperations = ({ settings, passwords, endAccess }: UserDeps): Operation[] => [
  operation({
    id: 'users.list',
    method: 'GET',
    path: '/users',
    scope: 'users:read',
    summary:
      'People, the newest first; or those that are found, by identifier and then by name, where a page may be short although there is a next one.',
    query: z.strictObject({
      ...page,
      q: text
        .trim()
        .min(1)
        .optional()
        .describe('An id; the beginning of an email address, phone number, username or name.'),
      blocked: z
        .enum(['true', 'false'])
        .transform((given) => given === 'true')
        .optional(),
      createdAfter: z.iso
        .datetime({ offset: true })
        .transform((given) => new Date(given))
        .optional(),
    }),
    answer: listOf(listed),
    async run({ db, query: { q, blocked = null, createdAfter = null, cursor, limit } }) {
      const filter = { blocked, createdAfter }
      if (q) {
        const after = readCursor(cursor, foundKey)
        const { users, next } = await findMatching(db, readSearch(q), filter, after, limit)
        return { data: users, next: next && writeCursor(next) }
      }
      const people = userSearchRepository(db)
      const rows = await people.newest(filter, readCursor(cursor, listKey), limit + 1)
      return pageOf(
        rows,
        limit,
        ({ key }) => key,
        ({ user }) => user,
      )
    },
  }),

  operation({
    id: 'users.create',
    method: 'POST',
    path: '/users',
    scope: 'users:write',
    summary: 'Makes an account. What is not `verified` is proven at the first sign-in.',
    body: z.strictObject({
      name: fields.name.default(null),
      locale: fields.locale.default(null),
      identifiers: z.array(identifier).max(20).default([]),
      password: z.string().max(1024).optional(),
      roles: fields.roles.default([]),
      customData: fields.customData.default({}),
    }),
    answer: person,
    status: 201,
    note: ({ body }, { id }) => ({
      event: 'user.created',
      userId: id,
      detail: {
        identifiers: body.identifiers.map(({ type, verified }) => ({ type, verified })),
        password: body.password !== undefined,
        roles: body.roles,
      },
    }),
    async prepare({ body: { password, name, identifiers } }) {
      if (password === undefined) return null
      const words = [name, ...identifiers.map(({ value }) => value)]
      return newPassword({ passwords, settings: settings.current() }, password, words)
    },
    async run({ db, body: { password: _, ...user }, ready }) {
      const id = await createUser(db, user)
      if (ready) await passwords.store(db, id, ready)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.read',
    method: 'GET',
    path: '/users/{id}',
    scope: 'users:read',
    summary: 'Somebody, with how and where they sign in, and what they use.',
    params: personId,
    answer: person,
    run: ({ db, params }) => userView(db, params.id),
  }),

  operation({
    id: 'users.change',
    method: 'PATCH',
    path: '/users/{id}',
    scope: 'users:write',
    summary: 'Changes what is given; `roles` and `customData` are replaced as a whole.',
    versioned: true,
    params: personId,
    body: z.strictObject(fields).partial(),
    answer: person,
    note: ({ params, body }) => ({
      event: 'user.changed',
      userId: params.id,
      detail: { changed: Object.keys(body), ...(body.roles ? { roles: body.roles } : {}) },
    }),
    async run({ db, params: { id }, body, version }) {
      await changeUser(db, id, body, version)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.delete',
    method: 'DELETE',
    path: '/users/{id}',
    scope: 'users:write',
    summary: 'Deletes somebody with all that is theirs. Ids are never given out again.',
    versioned: true,
    params: personId,
    destructive: true,
    note: ({ params }) => ({ event: 'user.deleted', userId: params.id }),
    async run({ db, params: { id }, actor, version }) {
      const admins = protectAdmins(db)
      await admins.from(actor, id)
      await admins.keepAnOwner(id)
      await deleteUser(db, id, version)
      await endAccess(db, id)
    },
  }),

  operation({
    id: 'users.addIdentifier',
    method: 'POST',
    path: '/users/{id}/identifiers',
    scope: 'users:write',
    summary: 'Adds an identifier, or says of one that is there that it is verified.',
    versioned: true,
    params: personId,
    body: identifier,
    answer: person,
    note: ({ params, body }) => ({
      event: 'user.identifier_added',
      userId: params.id,
      detail: { type: body.type, verified: body.verified },
    }),
    async run({ db, params: { id }, actor, body, version }) {
      await protectAdmins(db).from(actor, id)
      await addIdentifier(db, id, body, version)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.removeIdentifier',
    method: 'DELETE',
    path: '/users/{id}/identifiers/{type}/{value}',
    scope: 'users:write',
    summary: 'Takes an identifier away: it signs nobody in any more.',
    versioned: true,
    params: personId.extend({ type: identifierType, value: text }),
    destructive: true,
    answer: person,
    note: ({ params }) => ({
      event: 'user.identifier_removed',
      userId: params.id,
      detail: { type: params.type },
    }),
    async run({ db, params: { id, ...given }, actor, version }) {
      await protectAdmins(db).from(actor, id)
      await removeIdentifier(db, id, given, version)
      return userView(db, id)
    },
  }),
]
