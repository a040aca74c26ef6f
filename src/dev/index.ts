/**
 * For evaluation, never loaded in production: the inbox, which shows what would have been sent, and
 * the demo app, an ordinary relying party that signs in with it. Both answer only to requests that
 * come straight to this machine.
 *
 * The demo app uses the provider's public endpoints and shares nothing with it but the look.
 */
export { announce, announcement } from './announce.ts'
export { banner, type Places } from './banner.ts'
export type { Inbox, InboxMessage } from './contract.ts'
export { type DemoDeps, demoApp, demoClient } from './demo/app.ts'
export { type InboxDeps, inboxRoutes } from './inbox/routes.ts'
export { localOnly } from './local-only.ts'
