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
import { consoleClientId } from '#config/client-schema.ts'
import { apiRoutes, execute, idempotencyRepository } from '#src/api/index.ts'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Assets } from '#src/lib/assets.ts'
import { below } from '#src/lib/below.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { I18n } from '#src/lib/i18n.ts'
import type { Outbound } from '#src/lib/outbound.ts'
import type { Render } from '#src/lib/render.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Limits } from '#src/limits/index.ts'
import type { MessagingManagement, MessagingService } from '#src/messaging/index.ts'
import type { AccessToken, Oidc } from '#src/oidc/index.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import { invitationRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { Webhooks } from '#src/webhooks/index.ts'
import { adminRepository } from './access/admin-repository.ts'
import { readActor } from './access/bearer.ts'
import { ownership } from './access/owner.ts'
import { permit } from './access/permit.ts'
import { protectAdmins } from './access/protect-repository.ts'
import { managementApi } from './api/described.ts'
import { operations } from './api/index.ts'
import type { InvitationDeps } from './api/invitations.ts'
import type { SystemDeps } from './api/system.ts'
import type { EndAccess } from './api/user-view.ts'
import { consoleClient } from './console/own-client.ts'
import type { Listening } from './console/own-fetch.ts'
import { consoleSessionRepository } from './console/session-repository.ts'
import type { Operation, Role, Run } from './contract.ts'
import { completeFactorResets } from './factor-resets.ts'
import { trialRepository } from './trials/repository.ts'
import { withTrials } from './trials/trial.ts'

export { operator, withCommandLine } from './access/command-line.ts'
export { ownerLink } from './access/owner.ts'
export { scopes as managementScopes } from './contract.ts'
export type { Finding, Told } from './doctor/contract.ts'
export { databaseFindings, unreachableDatabase } from './doctor/database.ts'
export { invalidEnvironment } from './doctor/environment.ts'
export { unknownSecrets } from './doctor/index.ts'
export { issuerFinding } from './doctor/issuer.ts'
export { tell } from './doctor/tell.ts'

export interface AdminDeps {
  db: Db
  keys: Keyring
  baseUrl: string
  /** Where this process listens: the console signs in to its own server. */
  listening: Listening
  pages: Pages
  i18n: I18n
  render: Render
  assets: Assets
  /** `ADMIN_EMAIL` */
  adminEmail: string | null
  settings: SettingsStore
  webhooks: Webhooks
  findClient: (clientId: string) => Promise<Client | null>
  /** Lets go of clients that were looked up, once one was changed. */
  refreshClients: () => void
  forgetClient: Oidc['forgetClient']
  /** Why this server could not call an address of others, or null. */
  callFault: Outbound['fault']
  readAccessToken: (token: string) => Promise<AccessToken | null>
  readSession: Oidc['readSession']
  rotateKey: Oidc['rotateKey']
  refreshKeys: Oidc['refreshKeys']
  passwords: PasswordMethod
  /** Seals the files of long work. */
  workKeys: Keyring
  messaging: MessagingService
  management: MessagingManagement
  limits: Limits
  sendLater: InvitationDeps['sendLater']
  /** What the doctor looks at beside the rest. */
  system: SystemDeps['system']
  /** Ends what somebody is signing in to, in the transaction given. */
  endAccess: EndAccess
}

/** The role that somebody has here, blocked or not; null for most people. */
export const adminRole = (db: Db, userId: string): Promise<Role | null> =>
  protectAdmins(db).roleOf(userId)

/** @throws Problem `last_owner` where nobody else could look after this server */
export const keepAnOwner = (tx: Db, userId: string): Promise<void> =>
  protectAdmins(tx).keepAnOwner(userId)

/** Signs somebody out of the console, wherever they are in it. */
export const endConsole = (db: Db, userId: string): Promise<void> =>
  protectAdmins(db).endConsole(userId)

const consoleOf = ({ baseUrl, keys }: Pick<AdminDeps, 'baseUrl' | 'keys'>) => ({
  baseUrl,
  secret: keys.mac('console client').toString('base64url'),
})

/** Adds the console, and what it tries out, to the clients that are found: they are in no list. */
export const withConsole = (
  deps: Pick<AdminDeps, 'db' | 'baseUrl' | 'keys' | 'findClient'>,
): AdminDeps['findClient'] => {
  const own = consoleClient(consoleOf(deps))
  const find = withTrials(deps)
  return async (clientId) => (clientId === consoleClientId ? own : find(clientId))
}

/** Everything that can be done, for those who come neither over HTTP nor by a browser. */
export interface Management {
  operations: readonly Operation[]
  run: Run
}

export interface Admin {
  management: Management
  /** Before what refuses requests of other sites, since programs call it. */
  api: Middleware
  console: Middleware
  /** Takes second factors away whose owners have asked for it, once their time has come. */
  completeFactorResets(): Promise<void>
  sweep(): Promise<void>
}

export const admin = (deps: AdminDeps): Admin => {
  const { db, keys, baseUrl, findClient, settings } = deps
  const run: Run = execute({ db, keys, permit })
  const callers = {
    readToken: deps.readAccessToken,
    findClient,
    findRole: adminRepository(db).role,
  }
  const all = operations(deps)
  const owner = ownership({
    db,
    settings: settings.current,
    passwords: deps.passwords,
    email: deps.adminEmail,
  })
  return {
    management: { operations: all, run },
    api: below(['/api'], async () =>
      apiRoutes({
        prefix: '/api',
        described: managementApi(baseUrl),
        operations: all,
        run,
        readActor: (ctx) => readActor(callers, ctx),
      }),
    ),
    console: below(['/admin', '/api/docs'], async () => {
      const { consoleRoutes } = await import('./console/index.ts')
      return consoleRoutes({
        ...consoleOf(deps),
        listening: deps.listening,
        db,
        keys,
        pages: deps.pages,
        i18n: deps.i18n,
        render: deps.render,
        assets: deps.assets,
        settings: settings.current,
        operations: all,
        run,
        owner,
        adminEmail: deps.adminEmail,
        readSession: deps.readSession,
      })
    }),
    completeFactorResets: () => completeFactorResets(db, deps.endAccess),
    async sweep() {
      await idempotencyRepository(db).sweep()
      await consoleSessionRepository(db, keys).sweep()
      for (const id of await trialRepository(db).sweep()) await deps.forgetClient(db, id)
      await invitationRepository(db).sweep()
    },
  }
}
