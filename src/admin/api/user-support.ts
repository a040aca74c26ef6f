import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'
import { personAccess } from '#src/oidc/index.ts'
import { browserRepository, findManagedUser, setBlocked, touchUser } from '#src/users/index.ts'
import { removeFactors, resettableFactors } from '#src/verification/index.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { type Operation, operation } from '../contract.ts'
import { type EndAccess, person, personId, userView } from './user-view.ts'

/** What a help desk does for people who call. */
export const userSupportOperations = ({ endAccess }: { endAccess: EndAccess }): Operation[] => [
  operation({
    id: 'users.block',
    method: 'POST',
    path: '/users/{id}/block',
    scope: 'users:support',
    summary: 'Lets somebody sign in no more, and ends everything that they are signed in to.',
    versioned: true,
    params: personId,
    answer: person,
    note: ({ params }) => ({ event: 'user.blocked', userId: params.id }),
    async run({ db, params: { id }, actor, version }) {
      const admins = protectAdmins(db)
      await admins.from(actor, id)
      await admins.keepAnOwner(id)
      await setBlocked(db, id, true, version)
      await endAccess(db, id)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.unblock',
    method: 'POST',
    path: '/users/{id}/unblock',
    scope: 'users:support',
    summary: 'Lets somebody sign in again.',
    versioned: true,
    params: personId,
    answer: person,
    note: ({ params }) => ({ event: 'user.unblocked', userId: params.id }),
    async run({ db, params: { id }, actor, version }) {
      await protectAdmins(db).from(actor, id)
      await setBlocked(db, id, false, version)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.signOut',
    method: 'POST',
    path: '/users/{id}/sign-out',
    scope: 'users:support',
    summary: 'Ends all sessions of somebody, and every token; they may sign in again.',
    params: personId,
    answer: person,
    note: ({ params }) => ({ event: 'user.signed_out', userId: params.id }),
    async run({ db, params: { id } }) {
      await findManagedUser(db, id)
      await endAccess(db, id)
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.endSession',
    method: 'DELETE',
    path: '/users/{id}/sessions/{session}',
    scope: 'users:support',
    summary: 'Signs somebody out in one browser, with the tokens that came from there.',
    params: personId.extend({ session: z.string().regex(/^[\w-]{1,64}$/) }),
    answer: person,
    note: ({ params }) => ({
      event: 'user.session_ended',
      userId: params.id,
      target: params.session,
    }),
    async run({ db, params: { id, session } }) {
      if (!(await personAccess(db).endSession(id, session))) throw new Problem('not_found')
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.removeClient',
    method: 'DELETE',
    path: '/users/{id}/clients/{clientId}',
    scope: 'users:support',
    summary:
      'Disconnects an application from somebody: its tokens end, and what they have consented to is forgotten.',
    params: personId.extend({ clientId: z.string().regex(/^[\x21-\x7e]{1,255}$/) }),
    answer: person,
    note: ({ params }) => ({
      event: 'user.client_removed',
      userId: params.id,
      clientId: params.clientId,
    }),
    async run({ db, params: { id, clientId } }) {
      if (!(await personAccess(db).removeClient(id, clientId))) throw new Problem('not_found')
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.forgetDevice',
    method: 'DELETE',
    path: '/users/{id}/devices/{device}',
    scope: 'users:support',
    summary:
      'Has a browser forget somebody: it offers them no more. What is signed in there is a session.',
    params: personId.extend({ device: z.string().regex(/^[\w-]{1,64}$/) }),
    answer: person,
    note: ({ params }) => ({
      event: 'user.device_forgotten',
      userId: params.id,
      target: params.device,
    }),
    async run({ db, params: { id, device } }) {
      const browser = Buffer.from(device, 'base64url')
      if (!(await browserRepository(db).forget(browser, id))) throw new Problem('not_found')
      return userView(db, id)
    },
  }),

  operation({
    id: 'users.resetFactors',
    method: 'POST',
    path: '/users/{id}/reset-factors',
    scope: 'users:support',
    summary: 'Takes away what somebody has enrolled, and signs them out everywhere.',
    versioned: true,
    params: personId,
    destructive: true,
    body: z.strictObject({
      factors: z
        .array(z.enum(resettableFactors))
        .min(1)
        .default([...resettableFactors])
        .describe('All of them, unless given.'),
    }),
    answer: person,
    note: ({ params, body }) => ({
      event: 'user.factors_reset',
      userId: params.id,
      detail: { factors: body.factors },
    }),
    async run({ db, params: { id }, actor, body, version }) {
      await protectAdmins(db).from(actor, id)
      await touchUser(db, id, version)
      await removeFactors(db, id, body.factors)
      await endAccess(db, id)
      return userView(db, id)
    },
  }),
]
