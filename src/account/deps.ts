import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Limits } from '#src/limits/index.ts'
import type { Oidc } from '#src/oidc/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { TrustedBrowser } from '#src/users/index.ts'
import type { Verifications } from '#src/verification/index.ts'

/** What the pages and the API of accounts are made of; `app.ts` puts it together. */
export interface AccountDeps {
  db: Db
  keys: Keyring
  baseUrl: string
  settings: () => Settings
  pages: Pages
  limits: Limits
  verifications: Verifications
  findClient: (clientId: string) => Promise<Client | null>
  readSession: Oidc['readSession']
  lacksSecondFactor: Oidc['lacksSecondFactor']
  readAccessToken: Oidc['readAccessToken']
  trustedBrowsers: {
    /** Whether anybody may trust a browser here. */
    isOn(): boolean
    list(userId: string): Promise<TrustedBrowser[]>
    /** @returns false where the person has no such browser */
    revoke(tx: Db, userId: string, id: string): Promise<boolean>
  }
  /** Signs somebody out wherever they are but in one session, and ends what they are signing in to. */
  endOthers: (tx: Db, userId: string, exceptSessionUid: string | null) => Promise<void>
  /** @throws Problem `last_owner` where nobody else could look after this server */
  keepAnOwner: (tx: Db, userId: string) => Promise<void>
  isAdmin: (userId: string) => Promise<boolean>
}
