import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { touchUser } from '#src/users/index.ts'
import { newPasswordHash } from '#src/verification/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { keepAWay, readOwn } from '../own.ts'
import { person, personView } from '../person.ts'
import { endOthers } from '../sessions/end-others.ts'

/** A password of one's own: set, changed and given up. */
export const passwordOperations = (deps: AccountDeps) => ({
  set: operation({
    id: 'password.set',
    method: 'PUT',
    path: '/password',
    scope: 'account:write',
    summary: 'Sets a password, or changes it.',
    body: z.strictObject({
      new_password: z.string().max(4096),
      sign_out: z.boolean().default(true).describe('Whether all other sessions end.'),
    }),
    answer: person,
    async prepare({ db, actor, body: { new_password } }) {
      const { name, identifiers } = await readOwn(db, actor.id)
      const words = [name, ...identifiers.map(({ value }) => value)]
      const passwords = deps.verifications.password
      return newPasswordHash({ passwords, settings: deps.settings() }, new_password, words)
    },
    async run({ db, actor, origin, body: { sign_out }, version, ready }) {
      await touchUser(db, actor.id, version)
      const { password } = deps.verifications
      const event = (await password.has(db, actor.id)) ? 'password.changed' : 'password.set'
      await password.store(db, actor.id, ready)
      const detail = JSON.stringify({ signedOut: sign_out })
      await auditRepository(db).add({
        ...about(actor, origin),
        event,
        method: 'password',
        detail,
      })
      if (sign_out) await endOthers(deps, db, actor, origin)
      return personView(db, actor.id)
    },
  }),

  remove: operation({
    id: 'password.remove',
    method: 'DELETE',
    path: '/password',
    scope: 'account:write',
    summary: 'Gives the password up, where another way to sign in is left.',
    answer: person,
    async run({ db, actor, origin }) {
      const { ways } = await keepAWay(deps, db, actor.id, ({ ways }) => ({
        ...ways,
        password: false,
      }))
      if (!ways.password) throw new Problem('not_found')
      await deps.verifications.password.remove(db, actor.id)
      const event = 'password.removed'
      await auditRepository(db).add({ ...about(actor, origin), event, method: 'password' })
      return personView(db, actor.id)
    },
  }),
})
