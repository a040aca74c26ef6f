import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import {
  findManagedUser,
  ownUserRepository,
  readIdentifier,
  removeIdentifier,
  touchUser,
} from '#src/users/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { keepAWay, readOwn } from '../own.ts'
import { identifierId, person, personView } from '../person.ts'
import { beginIdentifier, confirmIdentifier, detailOf, own, type Pending } from './add.ts'

const params = z.object({ id: z.string().regex(/^[\w-]{22}$/) })

/** @throws Problem `not_found` */
export const findIdentifier = async (db: Db, userId: string, id: string) => {
  const { identifiers } = await findManagedUser(db, userId)
  const found = identifiers.find((each) => identifierId(each) === id)
  if (!found) throw new Problem('not_found')
  return found
}

/** What people are known by: proven before it is theirs, and never the last of it gone. */
export const identifierOperations = (deps: AccountDeps) => ({
  begin: operation({
    id: 'identifiers.begin',
    method: 'POST',
    path: '/identifiers',
    scope: 'account:write',
    summary: 'Sends a code to an email address or phone number that is to be added.',
    body: z.strictObject({
      identifier: z.string().max(512),
      type: z.enum(['email', 'phone']),
      region: z.string().max(8).optional().describe('Of a number without a country code.'),
    }),
    atomic: false,
    answer: z.object({
      type: z.enum(['email', 'phone']),
      value: z.string(),
      resendAfterSeconds: z.int(),
    }),
    async run({ actor, origin, body: { identifier, type, region } }) {
      const pending = readIdentifier(identifier, { types: [type], region }) as Pending
      const resendAfterSeconds = await beginIdentifier(deps, actor, origin, pending)
      return { type: pending.type, value: pending.value, resendAfterSeconds }
    },
  }),

  confirm: operation({
    id: 'identifiers.confirm',
    method: 'POST',
    path: '/identifiers/confirm',
    scope: 'account:write',
    summary: 'Adds it, with the code that has come there.',
    body: z.strictObject({ code: z.string().max(256) }),
    atomic: false,
    answer: person,
    async run({ db, actor, origin, body: { code } }) {
      await confirmIdentifier(deps, actor, origin, code)
      return personView(db, actor.id)
    },
  }),

  prefer: operation({
    id: 'identifiers.prefer',
    method: 'POST',
    path: '/identifiers/{id}/prefer',
    scope: 'account:write',
    summary: 'Puts it before others of its kind: applications are told this one.',
    params,
    answer: person,
    async run({ db, actor, origin, params: { id } }) {
      const identifier = await findIdentifier(db, actor.id, id)
      if (!(await ownUserRepository(db).prefer(actor.id, identifier))) {
        throw new Problem('not_found')
      }
      await auditRepository(db).add({
        ...about(actor, origin),
        event: 'identifier.preferred',
        detail: detailOf(identifier),
      })
      return personView(db, actor.id)
    },
  }),

  remove: operation({
    id: 'identifiers.remove',
    method: 'DELETE',
    path: '/identifiers/{id}',
    scope: 'account:write',
    summary: 'Takes it away: it signs nobody in any more.',
    params,
    answer: person,
    async run({ db, actor, origin, params: { id } }) {
      const identifier = await findIdentifier(db, actor.id, id)
      await keepAWay(deps, db, actor.id, ({ ways, identifiers }) => ({
        ...ways,
        identifiers: identifiers.filter((each) => identifierId(each) !== id),
      }))
      await removeIdentifier(db, actor.id, identifier, null)
      await auditRepository(db).add({
        ...about(actor, origin),
        event: 'identifier.removed',
        detail: detailOf(identifier),
      })
      return personView(db, actor.id)
    },
  }),

  setUsername: operation({
    id: 'username.set',
    method: 'PUT',
    path: '/username',
    scope: 'account:write',
    summary: 'Chooses a username, in place of the one before.',
    body: z.strictObject({ username: z.string().max(256) }),
    answer: person,
    async run({ db, actor, origin, body: { username } }) {
      if (!deps.settings().signIn.identifiers.includes('username')) {
        throw new Problem('identifier_not_accepted', { field: 'username' })
      }
      const identifier = readIdentifier(username, { types: ['username'], field: 'username' })
      await touchUser(db, actor.id, null)
      const { identifiers } = await readOwn(db, actor.id)
      const before = identifiers.find(({ type }) => type === 'username')
      if (before?.value === identifier.value) return personView(db, actor.id)
      await own(db, actor.id, identifier, 'username')
      const log = auditRepository(db)
      if (before) {
        await removeIdentifier(db, actor.id, before, null)
        const event = 'identifier.removed'
        await log.add({ ...about(actor, origin), event, detail: detailOf(before) })
      }
      const event = 'identifier.added'
      await log.add({ ...about(actor, origin), event, detail: detailOf(identifier) })
      return personView(db, actor.id)
    },
  }),
})
