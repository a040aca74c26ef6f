import type { Db } from '#src/db/contract.ts'

/**
 * Ends what a person is signing in to, but one: what was proven there is worth nothing more, also
 * where all of it was proven and the browser has yet to come back with it. Sessions go after it, or
 * one could begin in between.
 */
export const endSignIns = async (
  db: Db,
  userId: string,
  exceptUid: string | null = null,
): Promise<void> => {
  await db.query(
    'interaction.end',
    `with gone as (
       delete from sign_ins where user_id = $1 and uid is distinct from $2 returning uid
     ), proofs as (
       delete from verifications where interaction_uid in (select uid from gone)
     )
     update oidc_interactions set ended_at = now()
      where uid in (select uid from gone) and ended_at is null`,
    [userId, exceptUid],
  )
}
