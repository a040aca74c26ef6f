/** What a payment asks for, as an API would say it (RFC 9470). */
const wanted = { acr: 'aal2', maxAgeSeconds: 300 }

export interface Refusal {
  /** Value of `WWW-Authenticate`. */
  challenge: string
  /** What the next authorization request has to say. */
  parameters: Record<string, string>
}

/**
 * A resource that wants more than a sign-in: two factors, proven within five minutes.
 *
 * @returns null where the claims show it, or how an API refuses and what its client does then
 */
export const refusePayment = (
  claims: { acr?: unknown; auth_time?: unknown },
  nowSeconds: number,
): Refusal | null => {
  const age = nowSeconds - Number(claims.auth_time)
  if (claims.acr === wanted.acr && age <= wanted.maxAgeSeconds) return null
  const parameters = { acr_values: wanted.acr, max_age: String(wanted.maxAgeSeconds) }
  const named = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  return {
    challenge: ['Bearer error="insufficient_user_authentication"', ...named].join(', '),
    parameters,
  }
}
