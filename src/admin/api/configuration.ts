import { z } from 'zod'
import {
  apply,
  type ConfigurationDeps,
  compare,
  type Run,
  readState,
  writeState,
} from '../configuration/index.ts'
import { type Call, type Operation, operation } from '../contract.ts'

export interface ConfigurationOperationDeps
  extends Pick<ConfigurationDeps, 'management' | 'webhooks'> {
  system: { env: Pick<ConfigurationDeps, 'production'> }
  /** Any other operation, by its id. */
  find: (operationId: string) => Operation
}

/** A key among the keys of a client lies seven deep, settings of a connector a little deeper. */
const mostLevels = 14

const isShallow = (value: unknown, levels = mostLevels): boolean => {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1))
}

const file = z
  .record(z.string(), z.unknown())
  .refine((given) => isShallow(given), `may have at most ${mostLevels} levels`)
  .describe('As in CONFIG_FILE, with variables filled in; a secret that is null was given by none.')

const change = z.object({
  path: z.string(),
  kind: z.enum(['added', 'changed', 'removed']),
  before: z.unknown().optional().describe('Left out of secrets.'),
  after: z.unknown().optional(),
})

/** The demo app of evaluation is registered at each start, and nobody's. */
const isDemo = (clientId: string, evaluation: boolean) => evaluation && clientId === 'demo'

/** Everything that CONFIG_FILE could hold, at once. */
export const configurationOperations = (deps: ConfigurationOperationDeps): Operation[] => {
  const { production } = deps.system.env
  const { management, webhooks } = deps
  const own = { management, webhooks, production }
  const runIn =
    ({ within }: Pick<Call<unknown, unknown, unknown>, 'within'>): Run =>
    async (operationId, given = {}) => {
      const { body } = await within(deps.find(operationId), given)
      return JSON.parse(JSON.stringify(body ?? null))
    }

  return [
    operation({
      id: 'configuration.export',
      method: 'GET',
      path: '/configuration',
      scope: 'settings:read',
      summary:
        'What is not the default, as a configuration file that makes another server the same. Secrets are variables. It needs clients:read, connectors:read and webhooks:read too.',
      answer: z.object({
        document: z.record(z.string(), z.unknown()),
        variables: z.array(z.object({ name: z.string(), path: z.string() })),
      }),
      note: () => ({ event: 'configuration.exported' }),
      async run(call) {
        const state = await readState(runIn(call))
        const clients = state.clients.filter(({ client_id }) => !isDemo(client_id, !production))
        return writeState({ ...state, clients })
      },
    }),

    operation({
      id: 'configuration.diff',
      method: 'POST',
      path: '/configuration/diff',
      scope: 'settings:read',
      summary:
        'What a configuration file would change here. It needs clients:read, connectors:read and webhooks:read too.',
      body: file,
      answer: z.object({ changes: z.array(change) }),
      async run(call) {
        return { changes: await compare(call.db, runIn(call), call.body, own) }
      },
    }),

    operation({
      id: 'configuration.apply',
      method: 'POST',
      path: '/configuration',
      scope: 'settings:write',
      summary:
        'Makes the changes of a configuration file, all or none. What it leaves out stays, and nothing is deleted. It needs the scopes for what it changes.',
      body: file,
      answer: z.object({
        changes: z.array(change),
        secrets: z
          .array(
            z.union([
              z.object({ client_id: z.string(), client_secret: z.string() }),
              z.object({ webhook_id: z.string(), secret: z.string() }),
            ]),
          )
          .describe('Made where the file gives none; shown this once.'),
      }),
      note: (_, { changes }) => ({
        event: 'configuration.applied',
        detail: { changed: changes.map(({ path }) => path).slice(0, 1000) },
      }),
      run: (call) => apply(call.db, runIn(call), call.body, own),
    }),
  ]
}
