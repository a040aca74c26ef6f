import { z } from 'zod'
import { readClient } from '#src/clients/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { type Operation, operation } from '../contract.ts'
import { trialRepository } from '../trials/repository.ts'
import { newTrialId } from '../trials/trial.ts'

/** Trying a client out, as the console does. */
export const clientTrialOperations = (): Operation[] => [
  operation({
    id: 'clients.try',
    method: 'POST',
    path: '/clients/{client_id}/trials',
    scope: 'clients:write',
    summary:
      'Begins a trial of a client: for ten minutes the console can sign people in as it would.',
    params: z.strictObject({ client_id: z.string().regex(/^[\x21-\x7e]{1,255}$/) }),
    answer: z.object({
      trial_id: z.string().describe('The `client_id` of the copy; its secret never leaves.'),
      expires_at: z.iso.datetime(),
    }),
    status: 201,
    note: ({ params }, { trial_id }) => ({
      event: 'client.tried',
      clientId: params.client_id,
      target: trial_id,
    }),
    async run({ db, params }) {
      const { client } = await readClient(db, params.client_id)
      if (!client.grant_types.includes('authorization_code')) {
        const message = 'lack authorization_code: nobody signs in to this client'
        throw new Problem('invalid_input', { errors: [{ path: 'grant_types', message }] })
      }
      const id = newTrialId()
      const expiresAt = await trialRepository(db).begin(id, client.client_id)
      return { trial_id: id, expires_at: expiresAt.toISOString() }
    },
  }),
]
