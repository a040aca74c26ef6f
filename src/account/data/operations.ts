import { z } from 'zod'
import { auditRepository, personEventRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { personAccess } from '#src/oidc/index.ts'
import { findManagedUser } from '#src/users/index.ts'
import { findCredentials } from '#src/verification/index.ts'
import { about } from '../about.ts'
import { shownEvents } from '../activity/events.ts'
import { connectedApps } from '../apps/operations.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'

/** As many events as anybody reads; the log itself ends where its retention does. */
const mostEvents = 10_000
const everDays = 3653

/** Everything that is kept of somebody, without what opens anything. */
const everything = async (deps: AccountDeps, db: Db, userId: string) => {
  const { blocked: _, blockedAt: __, ...user } = await findManagedUser(db, userId)
  const events = await personEventRepository(db).list(userId, {
    events: shownEvents,
    days: everDays,
    before: null,
    limit: mostEvents,
  })
  return {
    person: user,
    credentials: await findCredentials(db, userId),
    sessions: await personAccess(db).sessions(userId),
    trustedBrowsers: await deps.trustedBrowsers.list(userId),
    applications: await connectedApps(deps, db, userId),
    activity: events.map(({ at, event, method, result, clientId, address }) => ({
      at,
      event,
      method,
      result,
      clientId,
      address,
    })),
  }
}

/** What somebody may take along. */
export const dataOperations = (deps: AccountDeps) => ({
  export: operation({
    id: 'data.export',
    method: 'POST',
    path: '/data',
    scope: 'account:write',
    summary: 'Everything that is kept of somebody: people and programs can read it. No secrets.',
    atomic: false,
    answer: z.record(z.string(), z.unknown()),
    async run({ db, actor, origin }) {
      const all = await everything(deps, db, actor.id)
      await auditRepository(db).add({ ...about(actor, origin), event: 'data.exported' })
      return { exportedAt: new Date(), ...all }
    },
  }),
})
