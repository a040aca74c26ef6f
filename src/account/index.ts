/**
 * What people do with their own account, on pages and through an API for clients that draw pages of
 * their own. Both run the same operations, one folder for each thing that an account has; a change asks
 * for a fresh sign-in with the most that the person has, and leaves an event in the log, from which
 * others make the messages about it.
 *
 *   access     who may, and how they come here
 *   frame      what all pages have
 */
import type { Middleware } from 'koa'
import { accountClientId } from '#config/client-schema.ts'
import { execute } from '#src/api/index.ts'
import { accountApi } from './access/api.ts'
import { audienceOf } from './access/bearer.ts'
import { permit } from './access/permit.ts'
import { type Run, scopes } from './contract.ts'
import { deleteLeaving } from './deletion/carry-out.ts'
import type { AccountDeps } from './deps.ts'
import { draftRepository } from './draft-repository.ts'
import { accountOperations } from './operations.ts'
import { accountRoutes } from './routes.ts'

export { withAccount } from './access/relying-party.ts'

/** The API as the protocol has to know it, which makes its access tokens. */
export const accountResource = (baseUrl: string) => ({
  audience: audienceOf(baseUrl),
  scopes,
  pagesOf: accountClientId,
})

export interface Account {
  /** Before what refuses requests of other sites, since programs call it. */
  api: readonly Middleware[]
  pages: readonly Middleware[]
  /** Deletes accounts whose time has come, and what nobody has finished; run it now and then. */
  sweep(): Promise<void>
}

export const account = (deps: AccountDeps): Account => {
  const { db, keys } = deps
  const operations = accountOperations(deps)
  const run: Run = execute({ db, keys, permit: permit(deps) })
  return {
    api: accountApi(deps, operations, run),
    pages: accountRoutes(deps, operations, run),
    async sweep() {
      await deleteLeaving(deps)
      await draftRepository(db, keys).sweep()
    },
  }
}
