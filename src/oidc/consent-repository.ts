import type { Db } from '#src/db/contract.ts'

/** What people have allowed applications to have, apart from any session. */
export const consentRepository = (db: Db) => ({
  async find(userId: string, clientId: string): Promise<string[]> {
    const [row] = await db.query<{ scopes: string[] }>(
      'oidc.consent.find',
      'select scopes from consents where user_id = $1 and client_id = $2',
      [userId, clientId],
    )
    return row?.scopes ?? []
  },

  async add(userId: string, clientId: string, scopes: readonly string[]): Promise<void> {
    await db.query(
      'oidc.consent.add',
      `insert into consents as c (user_id, client_id, scopes) values ($1, $2, $3)
       on conflict (user_id, client_id) do update set updated_at = now(), scopes =
         (select array_agg(distinct scope) from unnest(c.scopes || excluded.scopes) scope)`,
      [userId, clientId, scopes],
    )
  },
})

export type Consents = ReturnType<typeof consentRepository>
