import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { about } from '../about.ts'
import type { Actor, Origin } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'

/** Signs somebody out everywhere but in the session that they do it from. */
export const endOthers = async (
  { endOthers: end }: Pick<AccountDeps, 'endOthers'>,
  tx: Db,
  actor: Actor,
  origin: Origin,
): Promise<void> => {
  await end(tx, actor.id, actor.sessionUid)
  await auditRepository(tx).add({
    ...about(actor, origin),
    event: 'sign_out.everywhere',
    result: 'others',
  })
}
