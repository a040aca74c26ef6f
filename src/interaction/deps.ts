import type { Audit } from '#src/audit/index.ts'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Limits } from '#src/limits/index.ts'
import type { Messaging } from '#src/messaging/contract.ts'
import type { Interactions } from '#src/oidc/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Browsers, Invitations, Users } from '#src/users/index.ts'
import type { Verifications } from '#src/verification/index.ts'
import type { SignIns } from './repository.ts'
import type { TrustedBrowsers } from './trust.ts'

/** What a sign-in is made of; `app.ts` puts it together. */
export interface FlowDeps {
  db: Db
  keys: Keyring
  https: boolean
  /** Of the provider, as applications know it. */
  issuer: string
  settings: () => Settings
  findClient: (clientId: string) => Promise<Client | null>
  users: Users
  invitations: Invitations
  browsers: Browsers
  limits: Limits
  messaging: Messaging
  verifications: Verifications
  interactions: Interactions
  /** Ends all sessions of a person, and their sign-ins but this one. */
  signOutEverywhere: (userId: string, exceptUid: string) => Promise<void>
  signIns: SignIns
  audit: Audit
  /** Counts a completed sign-in, for those who watch the server. */
  onSignedIn: (method: string, acr: string) => void
  pages: Pages
  /** What they may do to this server; null for most people. */
  adminRole: (userId: string) => Promise<string | null>
  trustedBrowsers: TrustedBrowsers
}
