import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { listOf } from '#src/api/index.ts'
import { type Operation, operation } from '../contract.ts'
import { askVendor, type ConnectorDeps, connectorTrialOperations } from './connector-trials.ts'
import {
  authorOf,
  clean,
  config,
  instanceId as id,
  instance,
  kind,
  listedInstance,
} from './connector-view.ts'

const params = z.object({ id })
const priority = z.int().min(0).max(1000)
const countries = z.array(clean(2)).min(1).max(250).nullable()

const asked = z
  .boolean()
  .default(true)
  .describe(
    'Asks the vendor first, and saves nothing whose credentials it refuses; false: saved unseen, as whatever is not enabled.',
  )

/** Who delivers messages, with which settings. */
export const connectorOperations = (deps: ConnectorDeps): Operation[] => [
  ...reading(deps),
  ...changing(deps),
  ...connectorTrialOperations(deps),
]

const reading = ({ management: { connectors } }: ConnectorDeps): Operation[] => [
  operation({
    id: 'connectors.kinds',
    method: 'GET',
    path: '/connector-kinds',
    scope: 'connectors:read',
    summary:
      'What instances can be made of, with the schema of their settings and how to set them up.',
    answer: listOf(kind),
    run: async () => ({ data: await connectors.kinds(), next: null }),
  }),

  operation({
    id: 'connectors.list',
    method: 'GET',
    path: '/connectors',
    scope: 'connectors:read',
    summary: 'All instances in the order in which they are tried, with how they have done.',
    query: z.strictObject({
      health: z
        .enum(['true', 'false'])
        .default('true')
        .describe('Whether it is told how each has done, which takes a look at its messages.'),
    }),
    answer: listOf(listedInstance),
    run: async ({ db, query: { health } }) => ({
      data: await (health === 'true' ? connectors.list(db) : connectors.all(db)),
      next: null,
    }),
  }),

  operation({
    id: 'connectors.read',
    method: 'GET',
    path: '/connectors/{id}',
    scope: 'connectors:read',
    summary: 'One instance.',
    params,
    answer: instance,
    run: ({ db, params }) => connectors.read(db, params.id),
  }),
]

const changing = ({
  management: { connectors },
  messaging,
  limits,
}: ConnectorDeps): Operation[] => [
  operation({
    id: 'connectors.create',
    method: 'POST',
    path: '/connectors',
    scope: 'connectors:write',
    summary: 'Sets up an instance.',
    body: z.strictObject({
      id: z.string().describe('Lower-case letters, digits, - and _.'),
      connector: clean(63),
      priority: priority.optional(),
      countries: countries.optional(),
      config,
      enabled: z.boolean().optional(),
      verify: asked,
    }),
    answer: instance,
    status: 201,
    note: ({ body }) => ({
      event: 'connector.created',
      target: body.id,
      detail: { connector: body.connector },
    }),
    async prepare({ db, actor, body: { verify, enabled = true, connector, config } }) {
      if (!verify || !enabled) return
      const read = () => connectors.typed(db, { id: null, connector, config })
      await askVendor({ messaging, limits }, { db, actor }, read)
    },
    async run({ db, body: { verify: _, ...body }, actor, afterwards }) {
      const created = await connectors.create(db, body, authorOf(actor))
      afterwards(messaging.reload)
      return created
    },
  }),

  operation({
    id: 'connectors.change',
    method: 'PATCH',
    path: '/connectors/{id}',
    scope: 'connectors:write',
    summary: 'Changes what is given; `config` is replaced as a whole.',
    versioned: true,
    params,
    body: z.strictObject({
      priority: priority.optional(),
      countries: countries.optional(),
      config: config.optional(),
      enabled: z.boolean().optional(),
      verify: asked,
    }),
    answer: instance,
    note: ({ params, body: { config, verify: _, ...rest } }) => ({
      event: 'connector.changed',
      target: params.id,
      // Of settings only that they were changed: they hold secrets.
      detail: { ...rest, ...(config ? { config: Object.keys(config).sort() } : {}) },
    }),
    async prepare({ db, actor, params: { id }, body: { verify, enabled, config } }) {
      if (!verify || !config || enabled === false) return
      await askVendor({ messaging, limits }, { db, actor }, async () => {
        const { connector, ...now } = await connectors.read(db, id)
        const one = await connectors.typed(db, { id, connector, config })
        // Who changes something else needs no vendor for it.
        const same = isDeepStrictEqual(one.config, one.stored?.config)
        return same || now.managedByFile || !(enabled ?? now.enabled) ? null : one
      })
    },
    async run({ db, params, body: { verify: _, ...body }, version, actor, afterwards }) {
      const changed = await connectors.change(db, params.id, body, version, authorOf(actor))
      afterwards(messaging.reload)
      return changed
    },
  }),

  operation({
    id: 'connectors.order',
    method: 'PUT',
    path: '/connectors/order',
    scope: 'connectors:write',
    summary: 'Has these instances tried first, in this order.',
    body: z.strictObject({
      ids: z
        .array(id)
        .min(1)
        .max(100)
        .refine((ids) => new Set(ids).size === ids.length, 'has one of them twice'),
    }),
    answer: listOf(instance),
    note: ({ body }) => ({ event: 'connectors.ordered', detail: body }),
    async run({ db, body, afterwards }) {
      const data = await connectors.order(db, body.ids)
      afterwards(messaging.reload)
      return { data, next: null }
    },
  }),

  operation({
    id: 'connectors.delete',
    method: 'DELETE',
    path: '/connectors/{id}',
    scope: 'connectors:write',
    summary: 'Removes an instance with its words; what it has delivered stays on record.',
    versioned: true,
    params,
    destructive: true,
    note: ({ params }) => ({ event: 'connector.deleted', target: params.id }),
    async run({ db, params, version, afterwards }) {
      await connectors.remove(db, params.id, version)
      afterwards(messaging.reload)
    },
  }),
]
