import { z } from 'zod'
import { isOwnClient } from '#config/client-schema.ts'
import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { personAccess } from '#src/oidc/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { instant } from '../person.ts'

/** Applications that act for somebody, with their names. */
export const connectedApps = async (
  { findClient }: Pick<AccountDeps, 'findClient'>,
  db: Db,
  userId: string,
) => {
  const all = await personAccess(db).clients(userId)
  const others = all.filter(({ clientId }) => !isOwnClient(clientId))
  return Promise.all(
    others.map(async (each) => {
      const client = await findClient(each.clientId)
      return { ...each, name: client?.client_name ?? each.clientId }
    }),
  )
}

/** What applications may do for somebody. */
export const appOperations = (deps: AccountDeps) => ({
  list: operation({
    id: 'apps.list',
    method: 'GET',
    path: '/apps',
    scope: 'account:read',
    summary: 'Applications that act for somebody.',
    answer: z.object({
      data: z.array(
        z.object({
          clientId: z.string(),
          name: z.string(),
          scopes: z.array(z.string()).describe('What was consented to.'),
          consentedAt: instant.nullable(),
          offline: z.boolean().describe('It stays connected while the person is away.'),
        }),
      ),
    }),
    run: async ({ db, actor }) => ({ data: await connectedApps(deps, db, actor.id) }),
  }),

  disconnect: operation({
    id: 'apps.disconnect',
    method: 'DELETE',
    path: '/apps/{clientId}',
    scope: 'account:write',
    summary: 'Ends the tokens of an application, and forgets what was consented to.',
    params: z.object({ clientId: z.string().regex(/^[\x21-\x7e]{1,255}$/) }),
    async run({ db, actor, origin, params: { clientId } }) {
      if (isOwnClient(clientId) || !(await personAccess(db).removeClient(actor.id, clientId))) {
        throw new Problem('not_found')
      }
      const event = 'client.disconnected'
      await auditRepository(db).add({ ...about(actor, origin), event, target: clientId })
    },
  }),
})
