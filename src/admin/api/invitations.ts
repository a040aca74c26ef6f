import { z } from 'zod'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import { type Client, findClient } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Limits } from '#src/limits/index.ts'
import { type Invitation, invitationRepository, invite, personLocale } from '#src/users/index.ts'
import { type Operation, operation } from '../contract.ts'
import { type InvitationMessageDeps, queueInvitation } from './invitation-message.ts'
import { instant } from './user-view.ts'

const day = 86_400

/** Messages that one admin or program has sent with invitations. */
const mostSent = 20
const windowSeconds = 600

const view = z.object({
  id: z.string(),
  type: z.enum(['email', 'phone', 'username']),
  value: z.string(),
  display: z.string(),
  clientId: z.string().nullable(),
  state: z.enum(['open', 'accepted', 'expired']),
  createdAt: instant,
  expiresAt: instant,
  acceptedAt: instant.nullable(),
  userId: z.string().nullable().describe('Who has registered by it.'),
})

/** As it is answered. */
export type InvitationView = z.output<typeof view>

const present = ({ identifier, ...invitation }: Invitation) => ({
  ...invitation,
  ...identifier,
  state: invitation.acceptedAt
    ? ('accepted' as const)
    : invitation.expiresAt > new Date()
      ? ('open' as const)
      : ('expired' as const),
})

const key = z.tuple([z.string().regex(/^\d{1,16}$/), z.string().regex(/^[\w-]{1,64}$/)])
const clientId = z.string().regex(/^[\x21-\x7e]{1,255}$/)

export interface InvitationDeps extends InvitationMessageDeps {
  limits: Pick<Limits, 'use'>
  /** Sends what was queued, once the answer is out. */
  sendLater: (deliveryId: string) => void
}

/** Read in the transaction: whoever waits there for another connection may wait for themselves. */
const clientOf = async (db: Db, clientId: string | null): Promise<Client | null> => {
  if (clientId === null) return null
  const client = await findClient(db, clientId)
  if (client) return client
  throw new Problem('invalid_input', { errors: [{ path: 'clientId', message: 'is no client' }] })
}

/** Who may register although not everybody may. */
export const invitationOperations = (deps: InvitationDeps): Operation[] => [
  operation({
    id: 'invitations.list',
    method: 'GET',
    path: '/invitations',
    scope: 'users:read',
    summary: 'Invitations, the newest first.',
    query: z.strictObject(page),
    answer: listOf(view),
    async run({ db, query: { cursor, limit } }) {
      const rows = await invitationRepository(db).list(readCursor(cursor, key), limit + 1)
      return pageOf(
        rows,
        limit,
        (row) => row.key,
        ({ invitation }) => present(invitation),
      )
    },
  }),

  operation({
    id: 'invitations.create',
    method: 'POST',
    path: '/invitations',
    scope: 'users:write',
    summary: 'Lets an email address or phone number register once, where it takes an invitation.',
    body: z.strictObject({
      type: z.enum(['email', 'phone']),
      value: z.string().max(512),
      clientId: clientId.nullable().default(null).describe('The application to begin at.'),
      expiresInDays: z.int().min(1).max(90).default(14),
      send: z
        .boolean()
        .default(false)
        .describe(
          'Tells the person, with a link to where the application begins; twenty times in ten minutes.',
        ),
      locale: personLocale.optional().describe('Of the message.'),
    }),
    answer: view,
    status: 201,
    note: ({ body }, { id }) => ({
      event: 'invitation.created',
      target: id,
      clientId: body.clientId,
      detail: { type: body.type, send: body.send },
    }),
    async run({ db, actor, body: { expiresInDays, send, locale, ...given }, afterwards }) {
      const client = await clientOf(db, given.clientId)
      const invitation = await invite(db, { ...given, ttlSeconds: expiresInDays * day })
      if (send) {
        const who = `${actor.kind}:${actor.id}`
        await deps.limits.use('invitation', who, mostSent, windowSeconds, db)
        const id = await queueInvitation(deps, db, invitation, client, locale)
        afterwards(() => deps.sendLater(id))
      }
      return present(invitation)
    },
  }),

  operation({
    id: 'invitations.delete',
    method: 'DELETE',
    path: '/invitations/{id}',
    scope: 'users:write',
    summary: 'Takes an invitation back. Who has come by it stays.',
    params: z.object({ id: z.string().regex(/^[\w-]{1,64}$/) }),
    note: ({ params }) => ({ event: 'invitation.deleted', target: params.id }),
    async run({ db, params: { id } }) {
      if (!(await invitationRepository(db).delete(id))) throw new Problem('not_found')
    },
  }),
]
