/**
 * One sign-in, from redirect to redirect. Steps never route to one another: each request does one
 * thing, and `policy.ts` decides what is due next from what is known.
 *
 *   GET  page ── draw the step that is due
 *   POST identify, start, resend, verify, profile, consent ── one thing, then back to GET
 *   settle ── sends what is due, finishes what is proven, hands over to `oidc`
 */
export type { FlowDeps } from './deps.ts'
export { endSignIns } from './ending-repository.ts'
export { carriedBy } from './hand-over.ts'
export { linkRoutes } from './link-routes.ts'
export { relatedOrigins } from './related-origins.ts'
export { type SignIns, signInRepository } from './repository.ts'
export { interactionRoutes } from './routes.ts'
export { trustedBrowsers } from './trust.ts'
