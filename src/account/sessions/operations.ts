import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { personAccess } from '#src/oidc/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { instant } from '../person.ts'
import { endOthers } from './end-others.ts'

const sessionId = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })

/** Where somebody is signed in. */
export const sessionOperations = (deps: AccountDeps) => ({
  list: operation({
    id: 'sessions.list',
    method: 'GET',
    path: '/sessions',
    scope: 'account:read',
    summary: 'Browsers in which somebody is signed in, a hundred at most.',
    answer: z.object({
      data: z.array(
        z.object({
          id: z.string(),
          current: z.boolean().describe('The one that this token comes from.'),
          signedInAt: instant.nullable(),
          expiresAt: instant,
          clients: z.array(z.string()),
          methods: z.array(z.object({ method: z.string(), at: instant })),
        }),
      ),
    }),
    async run({ db, actor }) {
      const sessions = await personAccess(db).sessions(actor.id)
      return { data: sessions.map((each) => ({ ...each, current: each.id === actor.sessionUid })) }
    },
  }),

  end: operation({
    id: 'sessions.end',
    method: 'DELETE',
    path: '/sessions/{id}',
    scope: 'account:write',
    summary: 'Signs out in one browser, with the tokens that came from there.',
    params: sessionId,
    async run({ db, actor, origin, params: { id } }) {
      if (!(await personAccess(db).endSession(actor.id, id))) throw new Problem('not_found')
      const event = 'session.ended'
      await auditRepository(db).add({ ...about(actor, origin), event, target: id })
    },
  }),

  endOthers: operation({
    id: 'sessions.endOthers',
    method: 'POST',
    path: '/sessions/end-others',
    scope: 'account:write',
    summary: 'Signs out everywhere but here.',
    run: ({ db, actor, origin }) => endOthers(deps, db, actor, origin),
  }),
})
