import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { FlowDeps } from './deps.ts'
import type { SignIn } from './sign-in.ts'
import { originOf, type Visit } from './visit.ts'

/** The secret that the page shows: the same one until it is confirmed, also after a wrong code. */
export const pendingTotp = async (
  deps: FlowDeps,
  visit: Visit,
): Promise<{ secret: string; uri: string }> => {
  const signIn = visit.signIn!
  const names = {
    issuer: deps.settings().branding.name,
    account: signIn.identifier?.display ?? visit.client.client_name,
  }
  const { totp, backupCode } = deps.verifications
  if (signIn.pending.totpSecret) return totp.describe(names, signIn.pending.totpSecret)
  const { totpSecret = '' } = await deps.signIns.keepPending(signIn.uid, {
    totpSecret: totp.begin(names).secret,
    backupCodes: backupCode.generate(),
  })
  return totp.describe(names, totpSecret)
}

/**
 * Turns the secret into a way in, with the backup codes that were made beside it; to do it twice, as
 * two clicks would, changes nothing. A code of it proves possession, so it counts for this sign-in.
 */
export const confirmTotp = async (
  deps: FlowDeps,
  visit: Visit,
  answer: string,
): Promise<SignIn> => {
  const signIn = visit.signIn!
  const { totpSecret, backupCodes } = signIn.pending
  const { userId } = signIn
  if (!totpSecret || !backupCodes || !userId) throw new Problem('method_not_available')
  const { totp, backupCode } = deps.verifications
  const clear = await deps.limits.attempt(userId, 'totp', null)
  const step = totp.confirm(totpSecret, answer)
  await clear()

  const origin = originOf(visit.ctx)
  await deps.db.transaction(async (tx) => {
    await totp.store(tx, userId, { secret: totpSecret, step })
    await backupCode.store(tx, userId, backupCodes)
    await auditRepository(tx).add({
      event: 'factor.added',
      method: 'totp',
      userId,
      clientId: visit.client.client_id,
      interactionUid: signIn.uid,
      ...origin,
    })
  })
  await deps.signIns.mark(signIn.uid, 'totp')
  return deps.signIns.verified(
    signIn,
    {
      method: 'totp',
      kind: 'possession',
      channel: null,
      identifier: null,
      userId,
      amr: totp.amr,
      at: new Date(),
    },
    userId,
    origin,
  )
}

/** The person says that the backup codes are in a safe place. */
export const savedBackupCodes = async (
  deps: FlowDeps,
  visit: Visit,
  saved: boolean,
): Promise<void> => {
  if (!saved) throw new Problem('codes_not_saved', { field: 'saved' })
  await deps.signIns.mark(visit.interaction.uid, 'backup-codes')
  await deps.signIns.forgetPending(visit.interaction.uid)
}
