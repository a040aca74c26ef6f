import type { Db } from '#src/db/contract.ts'

/** So many at once: a statement that takes long is ended by the database. */
const batch = 2000

/**
 * Deletes what a client was given: grants and everything issued under them, tokens of its own, and
 * what people have consented to. A client of the same id that is made later begins with nothing.
 */
export const forgetClient = async (tx: Db, clientId: string): Promise<void> => {
  for (const [name, text] of Object.entries(steps)) {
    let removed: number
    do {
      const [row] = await tx.query<{ removed: number }>(`oidc.client.${name}`, text, [
        clientId,
        batch,
      ])
      removed = row?.removed ?? 0
    } while (removed === batch)
  }
}

const steps = {
  forgetGrants: `with batch as (select id from oidc_grants where client_id = $1 limit $2),
     tokens as (delete from oidc_tokens where grant_id in (select id from batch)),
     devices as (delete from oidc_device_codes where grant_id in (select id from batch)),
     grants as (delete from oidc_grants where id in (select id from batch) returning 1)
   select count(*)::int as removed from grants`,
  forgetTokens: `with gone as (
     delete from oidc_tokens where id in (
       select id from oidc_tokens where client_id = $1 and grant_id is null limit $2) returning 1)
   select count(*)::int as removed from gone`,
  forgetLogouts: `with gone as (
     delete from logout_deliveries where id in (
       select id from logout_deliveries where client_id = $1 limit $2) returning 1)
   select count(*)::int as removed from gone`,
  forgetConsents: `with gone as (
     delete from consents where (user_id, client_id) in (
       select user_id, client_id from consents where client_id = $1 limit $2) returning 1)
   select count(*)::int as removed from gone`,
}
