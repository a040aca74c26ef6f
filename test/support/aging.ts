/** As if whatever was proven, by one person or by all, had been so much earlier. */
export const ageSignIns = (
  sql: (text: string, values?: unknown[]) => Promise<unknown>,
  seconds: number,
  userId: string | null = null,
): Promise<unknown> =>
  sql(
    `update oidc_sessions set
       payload = jsonb_set(payload::jsonb, '{loginTs}',
         to_jsonb((payload::jsonb ->> 'loginTs')::int - $2::int))::text,
       factors = (select jsonb_agg(jsonb_set(f, '{at}', to_jsonb((f ->> 'at')::bigint - $2::int * 1000))
                                   order by n)
                    from jsonb_array_elements(factors::jsonb) with ordinality as each(f, n))::text
      where $1::text is null or account_id = $1`,
    [userId, seconds],
  )
