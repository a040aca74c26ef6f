import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { Db } from '#src/db/contract.ts'
import type { Assets } from '#src/lib/assets.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { I18n } from '#src/lib/i18n.ts'
import type { Render } from '#src/lib/render.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Oidc } from '#src/oidc/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import { adminRepository } from '../access/admin-repository.ts'
import type { Ownership } from '../access/owner.ts'
import type { Operation, Run } from '../contract.ts'
import { adminPages } from './admins.ts'
import { auditPages } from './audit/index.ts'
import { claimRoutes } from './claim.ts'
import { newClientPages } from './clients/new.ts'
import { clientSecretPages } from './clients/secrets.ts'
import { clientPages } from './clients/settings.ts'
import { tryPages } from './clients/try.ts'
import { dashboardPages } from './dashboard/index.ts'
import { docsRoutes } from './docs.ts'
import { frame } from './frame.ts'
import { homePages } from './home.ts'
import { invitationPages } from './invitations.ts'
import { keyPages } from './keys.ts'
import { messagingPages } from './messaging/index.ts'
import type { ConsoleOptions } from './own-client.ts'
import { previewPages } from './preview.ts'
import { consoleRelyingParty } from './relying-party.ts'
import { consoleSessions } from './session.ts'
import { consoleSessionRepository } from './session-repository.ts'
import { settingsPages } from './settings.ts'
import { signInRoutes } from './sign-in.ts'
import { systemPages } from './system.ts'
import { transferPages } from './transfer.ts'
import { resumePath, resumeUnsent } from './unsent.ts'
import { userPages } from './user.ts'
import { userListPages } from './users.ts'
import { webhookPages } from './webhooks/index.ts'
import { wordsPages } from './words.ts'
import { workPages } from './works.ts'

export interface ConsoleDeps extends ConsoleOptions {
  db: Db
  keys: Keyring
  pages: Pages
  i18n: I18n
  render: Render
  assets: Assets
  settings: () => Settings
  operations: readonly Operation[]
  run: Run
  owner: Ownership
  adminEmail: string | null
  readSession: Oidc['readSession']
}

/** The console below `/admin`: pages for admins over the operations of the API. */
export const consoleRoutes = (deps: ConsoleDeps): Middleware => {
  const { db, keys, pages, i18n, settings, operations, run, owner, baseUrl } = deps
  const repository = consoleSessionRepository(db, keys)
  const sessions = consoleSessions({ repository, keys, https: baseUrl.startsWith('https:') })
  const relyingParty = consoleRelyingParty(deps)
  const shown = frame({ pages, i18n, sessions, settings, operations, execute: run })
  const routers = [
    signInRoutes({
      frame: shown,
      sessions,
      relyingParty,
      owner,
      baseUrl,
      findRole: adminRepository(db).role,
      readSession: deps.readSession,
    }),
    claimRoutes({
      frame: shown,
      sessions,
      owner,
      email: deps.adminEmail,
      minLength: () => settings().password.minLengthWithSecondFactor,
    }),
    docsRoutes(shown, operations, baseUrl),
    homePages(shown, baseUrl.startsWith('https:')),
    dashboardPages(shown),
    auditPages(shown),
    webhookPages(shown),
    newClientPages(shown, baseUrl),
    clientSecretPages(shown, baseUrl),
    tryPages(shown, deps),
    clientPages(shown, baseUrl),
    settingsPages(shown, i18n),
    ...messagingPages({ frame: shown, sessions, i18n }),
    previewPages({ frame: shown, sessions, i18n, render: deps.render, assets: deps.assets }),
    wordsPages(shown, sessions, i18n),
    keyPages(shown),
    adminPages(shown),
    systemPages(shown),
    invitationPages(shown, i18n.languages),
    userListPages(shown),
    transferPages(shown),
    workPages(shown),
    // After whatever else is below /admin/users.
    userPages(shown),
  ]

  const all = new Router()
  all.use('/admin', ownPolicy, bodyParser(formsAsText))
  for (const router of routers) all.use(router.routes(), router.allowedMethods())
  const routes = all.routes() as unknown as Middleware
  all.get(resumePath, resumeUnsent(sessions, routes))
  return routes
}

/** Names of fields are paths, which the parser of forms would take apart. */
const formsAsText: Parameters<typeof bodyParser>[0] = {
  enableTypes: ['text'],
  extendTypes: { text: ['application/x-www-form-urlencoded'] },
  textLimit: '256kb',
  encoding: 'utf-8',
}

/** Stricter than for hosted pages, whose forms lead to applications. */
const ownPolicy = async (ctx: Context, next: () => Promise<void>): Promise<void> => {
  ctx.set(
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
  await next()
}
