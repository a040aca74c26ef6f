import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { personAccess } from '#src/oidc/index.ts'
import { touchUser } from '#src/users/index.ts'
import type { Factor } from '#src/verification/index.ts'
import { about } from '../about.ts'
import { type Actor, type Origin, operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { draftRepository } from '../draft-repository.ts'
import { readOwn } from '../own.ts'
import { person, personView } from '../person.ts'
import { keepsBackupCodes } from '../policy.ts'

/** A secret that is shown until a code of it has been seen: the same one, however often. */
export const pendingTotp = async (deps: AccountDeps, db: Db, actor: Actor) => {
  const { totp } = deps.verifications
  const { identifiers, name } = await readOwn(db, actor.id)
  const account = identifiers.find(({ verified }) => verified)?.display ?? name ?? ''
  const names = { issuer: deps.settings().branding.name, account }
  const drafts = draftRepository(db, deps.keys)
  const kept = await drafts.find<string>(actor.sessionUid, 'totp')
  if (kept) return { account, ...totp.describe(names, kept) }
  const begun = totp.begin(names)
  await drafts.keep(actor.sessionUid, 'totp', begun.secret)
  return { account, ...begun }
}

/** Makes ten codes, which replace all earlier ones, and shows them until they are saved. */
const renewCodes = async (
  deps: AccountDeps,
  tx: Db,
  actor: Actor,
  origin: Origin,
): Promise<string[]> => {
  const { backupCode } = deps.verifications
  const codes = backupCode.generate()
  await backupCode.store(tx, actor.id, codes)
  await draftRepository(tx, deps.keys).keep(actor.sessionUid, 'backup-codes', codes)
  const event = 'factor.added'
  await auditRepository(tx).add({ ...about(actor, origin), event, method: 'backup-codes' })
  return codes
}

/** A code of the new app proves as much as it will at the next sign-in, and is asked for once. */
const shown = ({ verifications: { totp } }: AccountDeps): Factor => ({
  method: 'totp',
  kind: totp.kind,
  channel: null,
  identifier: null,
  amr: totp.amr,
  at: Date.now(),
})

const codesShown = z.object({
  backupCodes: z
    .array(z.string())
    .nullable()
    .describe('Shown once; null where those from before still work.'),
})

/** An authenticator app, and codes on paper for when it is gone. */
export const twoStepOperations = (deps: AccountDeps) => ({
  begin: operation({
    id: 'totp.begin',
    method: 'POST',
    path: '/totp',
    scope: 'account:write',
    summary: 'Makes a secret for an authenticator app. It counts once a code of it is confirmed.',
    answer: z.object({ secret: z.string(), uri: z.string(), account: z.string() }),
    run: ({ db, actor }) => pendingTotp(deps, db, actor),
  }),

  confirm: operation({
    id: 'totp.confirm',
    method: 'POST',
    path: '/totp/confirm',
    scope: 'account:write',
    summary: 'Turns the app on, in place of the one before, with a code that it shows.',
    body: z.strictObject({ code: z.string().max(256) }),
    answer: codesShown,
    async prepare({ db, actor, body: { code } }) {
      const secret = await draftRepository(db, deps.keys).find<string>(actor.sessionUid, 'totp')
      if (!secret) throw new Problem('code_spent', { field: 'code' })
      const clear = await deps.limits.attempt(actor.id, 'totp', null)
      const step = deps.verifications.totp.confirm(secret, code)
      await clear()
      return { secret, step }
    },
    async run({ db, actor, origin, ready }) {
      await touchUser(db, actor.id, null)
      // Of two who confirm the same secret, one has turned it on.
      const taken = await draftRepository(db, deps.keys).take<string>(actor.sessionUid, 'totp')
      if (taken !== ready.secret) throw new Problem('code_spent', { field: 'code' })
      const { ways } = await readOwn(db, actor.id)
      await deps.verifications.totp.store(db, actor.id, ready)
      await personAccess(db).addFactor(actor.id, actor.sessionUid, shown(deps))
      const event = 'factor.added'
      await auditRepository(db).add({ ...about(actor, origin), event, method: 'totp' })
      if (ways.backupCodes > 0) return { backupCodes: null }
      return { backupCodes: await renewCodes(deps, db, actor, origin) }
    },
  }),

  remove: operation({
    id: 'totp.remove',
    method: 'DELETE',
    path: '/totp',
    scope: 'account:write',
    summary:
      'Turns the authenticator app off, and the backup codes where they stood in for it alone.',
    answer: person,
    async run({ db, actor, origin }) {
      await touchUser(db, actor.id, null)
      const { ways } = await readOwn(db, actor.id)
      if (!ways.totp) throw new Problem('not_found')
      const { totp, backupCode } = deps.verifications
      await totp.remove(db, actor.id)
      if (!keepsBackupCodes({ ...ways, totp: false })) await backupCode.remove(db, actor.id)
      const event = 'factor.removed'
      await auditRepository(db).add({ ...about(actor, origin), event, method: 'totp' })
      return personView(db, actor.id)
    },
  }),

  renewCodes: operation({
    id: 'backupCodes.renew',
    method: 'POST',
    path: '/backup-codes',
    scope: 'account:write',
    summary: 'Makes ten backup codes. Those from before work no more.',
    answer: codesShown,
    async run({ db, actor, origin }) {
      await touchUser(db, actor.id, null)
      const { ways } = await readOwn(db, actor.id)
      if (!keepsBackupCodes(ways)) throw new Problem('not_found')
      return { backupCodes: await renewCodes(deps, db, actor, origin) }
    },
  }),
})
