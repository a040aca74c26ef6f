import { z } from 'zod'
import { readClient } from '#src/clients/index.ts'
import { logoutRepository } from '#src/oidc/index.ts'
import { type Operation, operation } from '../contract.ts'
import { instant } from './user-view.ts'

const most = 25

const logout = z.object({
  id: z.string(),
  userId: z.string(),
  sid: z.string().describe('The session, as ID tokens of the client name it.'),
  state: z.enum(['pending', 'delivered', 'dead']).describe('`dead`: nobody tries any more.'),
  attempts: z.int(),
  nextAt: instant.nullable(),
  status: z.int().nullable().describe('What the client answered to the last try.'),
  error: z.string().nullable().describe('Why it answered nothing.'),
  attemptedAt: instant.nullable(),
  createdAt: instant,
})

/** As it is answered. */
export type LogoutView = z.output<typeof logout>

/** How clients take it that sessions end. */
export const clientLogoutOperations = (): Operation[] => [
  operation({
    id: 'clients.logoutFailures',
    method: 'GET',
    path: '/clients/{client_id}/logout-failures',
    scope: 'clients:read',
    summary: 'Ended sessions that the client could not be told of, or not yet; the newest 25.',
    params: z.strictObject({ client_id: z.string().regex(/^[\x21-\x7e]{1,255}$/) }),
    answer: z.object({ data: z.array(logout) }),
    async run({ db, params: { client_id } }) {
      await readClient(db, client_id)
      const failures = await logoutRepository(db).failures(client_id, most)
      return { data: failures.map(({ clientId: _, ...failure }) => failure) }
    },
  }),
]
