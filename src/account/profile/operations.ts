import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import { changeUser, personLocale, personName } from '#src/users/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import { person, personView } from '../person.ts'

/** What people say of themselves. */
export const profileOperations = () => ({
  read: operation({
    id: 'person.read',
    method: 'GET',
    path: '/me',
    scope: 'account:read',
    summary: 'Whoever is signed in: what they are known by, and what they sign in with.',
    answer: person,
    run: ({ db, actor }) => personView(db, actor.id),
  }),

  change: operation({
    id: 'person.change',
    method: 'PATCH',
    path: '/me',
    scope: 'account:write',
    summary: 'Changes a name, or the language of messages and pages.',
    body: z.strictObject({
      name: personName.nullish(),
      locale: personLocale.nullish(),
    }),
    answer: person,
    async run({ db, actor, origin, body, version }) {
      await changeUser(db, actor.id, body, version)
      await auditRepository(db).add({
        ...about(actor, origin),
        event: 'profile.changed',
        detail: JSON.stringify({ changed: Object.keys(body) }),
      })
      return personView(db, actor.id)
    },
  }),
})
