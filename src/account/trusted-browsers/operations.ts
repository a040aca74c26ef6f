import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { instant } from '../person.ts'

/** Browsers in which nobody is asked for a second factor. */
export const trustedBrowserOperations = ({
  trustedBrowsers,
}: Pick<AccountDeps, 'trustedBrowsers'>) => ({
  list: operation({
    id: 'trustedBrowsers.list',
    method: 'GET',
    path: '/trusted-browsers',
    scope: 'account:read',
    summary: 'Browsers in which a second factor is not asked for.',
    answer: z.object({
      data: z.array(
        z.object({
          id: z.string(),
          agent: z.string().nullable(),
          since: instant,
          until: instant,
          lastUsedAt: instant.nullable(),
        }),
      ),
    }),
    run: async ({ actor }) => ({ data: await trustedBrowsers.list(actor.id) }),
  }),

  revoke: operation({
    id: 'trustedBrowsers.revoke',
    method: 'DELETE',
    path: '/trusted-browsers/{id}',
    scope: 'account:write',
    summary: 'Asks for the second factor in that browser again.',
    params: z.object({ id: z.string().regex(/^[\w-]{1,64}$/) }),
    async run({ db, actor, origin, params: { id } }) {
      if (!(await trustedBrowsers.revoke(db, actor.id, id))) throw new Problem('not_found')
      const event = 'trusted_browser.removed'
      await auditRepository(db).add({ ...about(actor, origin), event, target: id })
    },
  }),
})
