import { z } from 'zod'
import { clientPatch, newClientSchema, ownSecret } from '#config/client-schema.ts'
import { shortName } from '#config/settings-schema.ts'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import {
  addSecret,
  type Changed,
  type Client,
  createClient,
  deleteClient,
  listClients,
  readClient,
  removeSecret,
  updateClient,
} from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { beyond } from '../access/policy.ts'
import { type Actor, type Operation, operation, scopes } from '../contract.ts'
import { addedSecretView, changedClientView, clientView, presentClient } from './client-views.ts'

export interface ClientOperationDeps {
  /** Lets go of clients that this process has looked up. */
  refreshClients: () => void
  /** Deletes what a client was given: grants, tokens, consents. */
  forgetClient: (tx: Db, clientId: string) => Promise<void>
  /** Why this server could not call an address, or null. */
  callFault: (url: string) => string | null
}

const possibleId = z.string().regex(/^[\x21-\x7e]{1,255}$/)
const one = z.strictObject({ client_id: possibleId })
const oneSecret = one.extend({ secret_id: z.string().regex(/^[\w-]{1,64}$/) })
const cursor = z.tuple([z.int().min(0), possibleId])
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() < Date.UTC(9999, 0), 'has to be before the year 9999')

/** Whoever changes a client could act as it: they need everything that it may do here. */
const guardFor = (actor: Actor) => (client: Client) => {
  const missing = beyond(actor, client.api_scopes, scopes)
  if (missing.length === 0) return
  throw new Problem('insufficient_scope', {
    detail: `The client may do what you may not: ${missing.join(', ')}.`,
    errors: missing.map((scope) => ({
      path: `api_scopes[${client.api_scopes.indexOf(scope)}]`,
      message: `is ${scope}, which you do not have yourself`,
    })),
  })
}

/** @throws Problem `invalid_input` for an address that this server could not call */
const checkLogoutUri = (
  { callFault }: Pick<ClientOperationDeps, 'callFault'>,
  { backchannel_logout_uri: uri }: { backchannel_logout_uri?: string | null | undefined },
): void => {
  const message = uri ? callFault(uri) : null
  if (!message) return
  throw new Problem('invalid_input', { errors: [{ path: 'backchannel_logout_uri', message }] })
}

const present = ({ secret, ...stored }: Changed) => ({
  ...presentClient(stored),
  ...(secret === null ? {} : { client_secret: secret }),
})

/** Relying parties, and programs that call this API. */
export const clientOperations = (deps: ClientOperationDeps): Operation[] => [
  operation({
    id: 'clients.list',
    method: 'GET',
    path: '/clients',
    scope: 'clients:read',
    summary: 'Clients, the newest first.',
    query: z.strictObject({
      ...page,
      search: z.string().max(200).optional().describe('Part of the name or the id.'),
    }),
    answer: listOf(clientView),
    async run({ db, query: { search, limit, cursor: given } }) {
      const after = readCursor(given, cursor)
      const rows = await listClients(db, { search: search ?? null, after, limit: limit + 1 })
      return pageOf(rows, limit, (row) => [row.createdUs, row.client.client_id], presentClient)
    },
  }),

  operation({
    id: 'clients.create',
    method: 'POST',
    path: '/clients',
    scope: 'clients:write',
    summary:
      'Makes a client; one that proves itself by a secret, as they do unless said otherwise, is given one.',
    body: newClientSchema,
    answer: changedClientView,
    status: 201,
    note: ({ body: { client_secret: _, ...metadata } }, { client_id }) => ({
      event: 'client.created',
      clientId: client_id,
      detail: metadata,
    }),
    async run({ db, body, actor, afterwards }) {
      checkLogoutUri(deps, body)
      const created = await createClient(db, body, { guard: guardFor(actor) })
      afterwards(deps.refreshClients)
      return present(created)
    },
  }),

  operation({
    id: 'clients.read',
    method: 'GET',
    path: '/clients/{client_id}',
    scope: 'clients:read',
    summary: 'A client; its secrets without what they are.',
    params: one,
    answer: clientView,
    run: async ({ db, params }) => presentClient(await readClient(db, params.client_id)),
  }),

  operation({
    id: 'clients.update',
    method: 'PATCH',
    path: '/clients/{client_id}',
    scope: 'clients:write',
    summary:
      'Changes what is given; null takes it back to the default, lists are replaced as a whole.',
    versioned: true,
    params: one,
    body: clientPatch,
    answer: changedClientView,
    note: ({ params, body }) => ({
      event: 'client.changed',
      clientId: params.client_id,
      detail: body,
    }),
    async run({ db, params, body, actor, version, afterwards }) {
      checkLogoutUri(deps, body)
      const guard = guardFor(actor)
      const changed = await updateClient(db, params.client_id, body, { version, guard })
      afterwards(deps.refreshClients)
      return present(changed)
    },
  }),

  operation({
    id: 'clients.delete',
    method: 'DELETE',
    path: '/clients/{client_id}',
    scope: 'clients:write',
    summary: 'Deletes a client with all its tokens, and with what people have allowed it.',
    versioned: true,
    params: one,
    destructive: true,
    note: ({ params }) => ({ event: 'client.deleted', clientId: params.client_id }),
    async run({ db, params, version, afterwards }) {
      await deleteClient(db, params.client_id, { version })
      await deps.forgetClient(db, params.client_id)
      afterwards(deps.refreshClients)
    },
  }),

  operation({
    id: 'clients.addSecret',
    method: 'POST',
    path: '/clients/{client_id}/secrets',
    scope: 'clients:write',
    summary: 'Gives a client another secret; those that it has work on until they end.',
    versioned: true,
    params: one,
    body: z.strictObject({
      label: shortName.nullish().describe('For people, such as where it is used.'),
      expires_at: instant.nullish().describe('From then on it opens nothing; null: it has no end.'),
      client_secret: ownSecret.optional().describe('One that it has already; random without.'),
      others_expire_at: instant.nullish().describe('The other secrets end then at the latest.'),
    }),
    answer: addedSecretView,
    status: 201,
    note: ({ params }, { id, expires_at }) => ({
      event: 'client.secret_added',
      clientId: params.client_id,
      target: id,
      detail: { expires_at },
    }),
    async run({ db, params, body, actor, version, afterwards }) {
      const { label, expires_at: expiresAt, others_expire_at: othersExpireAt } = body
      const input = { label, expiresAt, othersExpireAt, value: body.client_secret }
      const guard = guardFor(actor)
      const { secret, value } = await addSecret(db, params.client_id, input, { version, guard })
      afterwards(deps.refreshClients)
      return { ...secret, client_secret: value }
    },
  }),

  operation({
    id: 'clients.removeSecret',
    method: 'DELETE',
    path: '/clients/{client_id}/secrets/{secret_id}',
    scope: 'clients:write',
    summary: 'Ends a secret at once; the last one that works stays.',
    versioned: true,
    params: oneSecret,
    destructive: true,
    note: ({ params }) => ({
      event: 'client.secret_removed',
      clientId: params.client_id,
      target: params.secret_id,
    }),
    async run({ db, params, version, afterwards }) {
      await removeSecret(db, params.client_id, params.secret_id, { version })
      afterwards(deps.refreshClients)
    },
  }),
]
