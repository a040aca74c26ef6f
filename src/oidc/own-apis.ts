/** An API of this server itself: only for clients that name its scopes one by one. */
export interface OwnApi {
  audience: string
  scopes: readonly string[]
  /** The client whose pages do the same, where people change their account: see {@link appWithin}. */
  pagesOf?: string
}

/** What is looked at of an authorization request. */
interface Asked {
  client_id?: unknown
  resource?: unknown
  max_age?: unknown
  prompt?: unknown
}

/**
 * How many seconds ago somebody may have shown the authenticator app that they have, where a request
 * is one by which people come to change their account: it wants a new proof, on the pages of the
 * account or for its API. Null for all others, which the policy of second factors is enough for.
 */
export const appWithin = (
  apis: readonly OwnApi[],
  { client_id, resource, max_age, prompt }: Asked,
): number | null => {
  const changes = apis.some(
    ({ audience, pagesOf }) =>
      pagesOf !== undefined && (client_id === pagesOf || [resource].flat().includes(audience)),
  )
  if (!changes) return null
  // The library makes it of `max_age=0`.
  if (typeof prompt === 'string' && prompt.split(' ').includes('login')) return 0
  return max_age === undefined ? null : Number(max_age)
}
