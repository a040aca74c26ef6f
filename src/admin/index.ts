/**
 * What admins do, in a console for people and an API for programs. Both call the same operations:
 * each is one entry in a list that says who may call it, what it takes and gives, and what is noted.
 * What an operation does is the business of the feature that it belongs to.
 *
 *   access    who may do what; how the first owner comes to be
 *   api       the operations, and their way over HTTP
 *   console   the same for people
 */
import type { Middleware } from 'koa'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Oidc } from '#src/oidc/index.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import { adminRepository } from './access/admin-repository.ts'
import { operations } from './api/index.ts'
import { apiRoutes } from './api/routes.ts'
import { execute } from './execute.ts'
import { idempotencyRepository } from './idempotency-repository.ts'

export { scopes as managementScopes } from './contract.ts'

export interface AdminDeps {
  db: Db
  keys: Keyring
  baseUrl: string
  settings: SettingsStore
  findClient: (clientId: string) => Promise<Client | null>
  readAccessToken: Oidc['readAccessToken']
  passwords: PasswordMethod
  /** Ends what somebody is signing in to, in the transaction given. */
  endSignIns: (db: Db, userId: string) => Promise<void>
}

export const admin = (deps: AdminDeps): { api: readonly Middleware[]; sweep(): Promise<void> } => {
  const { db, keys, baseUrl, findClient } = deps
  const run = execute({ db, keys, now: () => new Date() })
  return {
    api: apiRoutes({
      baseUrl,
      operations: operations(deps),
      run,
      readToken: deps.readAccessToken,
      findClient,
      findRole: adminRepository(db).role,
    }),
    sweep: () => idempotencyRepository(db).sweep(),
  }
}
