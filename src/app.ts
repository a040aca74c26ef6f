import type Koa from 'koa'
import type { Env } from '#config/env.ts'
import { proxyTest } from '#config/proxies.ts'
import { account, accountResource, withAccount } from './account/index.ts'
import {
  admin,
  adminRole,
  keepAnOwner,
  type Management,
  managementScopes,
  withCommandLine,
  withConsole,
} from './admin/index.ts'
import { answering } from './answering.ts'
import { auditRepository } from './audit/index.ts'
import { runInBackground } from './background.ts'
import type { clientStore } from './clients/index.ts'
import { afterRequest, type Database } from './db/index.ts'
import {
  carriedBy,
  interactionRoutes,
  linkRoutes,
  relatedOrigins,
  signInRepository,
  trustedBrowsers,
} from './interaction/index.ts'
import type { Assets } from './lib/assets.ts'
import { type Keyring, keyring } from './lib/crypto.ts'
import type { Jobs } from './lib/jobs.ts'
import type { Logger } from './lib/log.ts'
import type { Metrics } from './lib/metrics.ts'
import { outbound } from './lib/outbound.ts'
import type { Render } from './lib/render.ts'
import { limits } from './limits/index.ts'
import { loadLooks } from './looks.ts'
import { type MessagingDeps, manageMessaging, messaging, receiptRoutes } from './messaging/index.ts'
import { notices } from './notices/index.ts'
import { cookieKeys, oidc } from './oidc/index.ts'
import type { settingsStore } from './settings/index.ts'
import { signOutEverywhere } from './sign-out.ts'
import { exportTask, importUsers } from './transfer/index.ts'
import {
  browserRepository,
  invitationRepository,
  trustedBrowserRepository,
  userRepository,
} from './users/index.ts'
import { waysIn } from './ways-in.ts'
import { webhooks } from './webhooks/index.ts'
import { worker } from './works/index.ts'

export interface AppDeps {
  env: Env
  /** Newest first. */
  secrets: readonly string[]
  db: Database
  settings: ReturnType<typeof settingsStore>
  clients: ReturnType<typeof clientStore>
  connectors: MessagingDeps['connectors']
  /** Goes before anything that changes a request; while evaluating, it hides `/dev` from others. */
  gate: Koa.Middleware | null
  /** Evaluation: prints codes to the terminal. */
  announce: MessagingDeps['announce']
  log: Logger
  jobs: Jobs
  metrics: Metrics
}

export interface App {
  koa: Koa
  /** For `src/dev`, which draws pages of the same look. */
  render: Render
  assets: Assets
  /** For the command line, which runs the same operations. */
  management: Management
  close(): Promise<void>
}

const isLoopback = (address: string) => /^(::ffff:)?127\.|^::1$/.test(address)

export const createApp = async (deps: AppDeps): Promise<App> => {
  const { env, secrets, db, settings, clients, log, jobs, metrics } = deps
  const baseUrl = env.BASE_URL
  const https = baseUrl.startsWith('https:')
  const evaluation = !env.production
  const keys = (purpose: string): Keyring => keyring(secrets, purpose)

  const { assets, render, i18n, shown } = await loadLooks({
    evaluation,
    settings: settings.current,
  })
  const audit = auditRepository(db)
  const users = userRepository(db)
  const messages = await messaging({
    db,
    secrets,
    connectors: deps.connectors,
    baseUrl,
    evaluation,
    announce: deps.announce,
    log,
    i18n,
  })
  const limit = limits({
    db,
    keys: keys('limits'),
    settings: settings.current,
    exempt: (address) => evaluation && isLoopback(address),
  })
  const methods = await waysIn({
    db,
    keys,
    users,
    baseUrl,
    messaging: messages,
    settings: settings.current,
    later: (work) => jobs.later(() => afterRequest(work)),
  })
  const known = withAccount({
    baseUrl,
    keys: keys('account'),
    brand: () => settings.current().branding.name,
    findClient: withConsole({ db, baseUrl, keys: keys('admin'), findClient: clients.find }),
  })
  const findClient = evaluation ? withCommandLine(secrets, known) : known
  const cookies = cookieKeys(keys('cookies').macs('cookie'))
  const calls = outbound({ ports: env.WEBHOOK_PORTS, loopback: evaluation })
  const managementApi = { audience: `${baseUrl}/api`, scopes: managementScopes }
  const browserKeys = keys('browsers')
  const trusted = trustedBrowsers({ db, keys: browserKeys, https, settings: settings.current })
  const roleOf = (userId: string) => adminRole(db, userId)
  const protocol = await oidc({
    db,
    keys: keys('oidc'),
    cookies,
    baseUrl,
    evaluation,
    apis: [managementApi, accountResource(baseUrl)],
    settings: settings.current,
    users,
    findClient,
    adminRole: roleOf,
    isTrusted: trusted.isTrusted,
    isCarried: carriedBy({ keys: browserKeys, https, messages: methods.messages }),
    pages: shown,
    onUserCode: (address) => limit.address('user-code', address),
    async onSignedOut(userId, everywhere) {
      await audit.add({ event: everywhere ? 'sign_out.everywhere' : 'sign_out', userId })
      if (everywhere) await signOutEverywhere(db, userId)
    },
    outbound: calls,
    onLogoutTried: (state) => metrics.logouts.inc({ state }),
    log,
  })
  const signIns = signInRepository(db, keys('interactions'))
  const flow = {
    db,
    keys: browserKeys,
    https,
    issuer: `${baseUrl}/oidc`,
    settings: settings.current,
    findClient,
    users,
    invitations: invitationRepository(db),
    browsers: browserRepository(db),
    limits: limit,
    messaging: messages,
    verifications: methods,
    interactions: protocol.interactions,
    signOutEverywhere: (userId: string, signIn: string) =>
      signOutEverywhere(db, userId, { signIn }),
    signIns,
    audit,
    onSignedIn: (method: string, acr: string) => metrics.signIns.inc({ method, acr }),
    pages: shown,
    adminRole: roleOf,
    trustedBrowsers: trusted,
  }

  const hooks = webhooks({
    db,
    keys: keys('webhooks'),
    outbound: calls,
    log,
  })
  const workKeys = keys('works')
  const tasks = {
    'users.import': importUsers(methods.password),
    'users.export': exportTask(methods.password),
  }
  const work = worker({ db, keys: workKeys, tasks, log })
  const management = admin({
    webhooks: hooks,
    db,
    keys: keys('admin'),
    baseUrl,
    listening: { host: env.HOST, port: env.PORT },
    pages: shown,
    i18n,
    render,
    assets,
    adminEmail: env.ADMIN_EMAIL ?? null,
    settings,
    findClient,
    refreshClients: clients.refresh,
    forgetClient: protocol.forgetClient,
    callFault: calls.fault,
    readAccessToken: (token) => protocol.readAccessToken(token, managementApi.audience),
    readSession: protocol.readSession,
    rotateKey: protocol.rotateKey,
    refreshKeys: protocol.refreshKeys,
    passwords: methods.password,
    workKeys,
    messaging: messages,
    management: manageMessaging({
      connectors: deps.connectors,
      secrets,
      evaluation,
      i18n,
      baseUrl,
    }),
    limits: limit,
    system: { env, kind: db.kind, settings: settings.current },
    sendLater: (id) => jobs.later(() => afterRequest(() => messages.send(id))),
    endAccess: signOutEverywhere,
  })

  const own = account({
    db,
    keys: keys('account'),
    baseUrl,
    settings: settings.current,
    pages: shown,
    limits: limit,
    verifications: methods,
    findClient,
    readSession: protocol.readSession,
    lacksSecondFactor: protocol.lacksSecondFactor,
    readAccessToken: protocol.readAccessToken,
    trustedBrowsers: {
      isOn: () => trusted.days() !== null,
      list: (userId) => trustedBrowserRepository(db).list(userId, trusted.days() ?? 0),
      revoke: (tx, userId, id) => trustedBrowserRepository(tx).revoke(userId, id),
    },
    endOthers: (tx, userId, session) => signOutEverywhere(tx, userId, { session }),
    keepAnOwner,
    isAdmin: async (userId) => (await roleOf(userId)) !== null,
  })

  const koa = answering({
    baseUrl,
    trusted: proxyTest(env.TRUST_PROXY),
    cookies,
    metrics,
    log,
    pages: shown,
    assets,
    gate: deps.gate,
    protocol: protocol.middleware,
    // Who calls there is a program or a vendor, and no browser.
    programs: [management.api, ...own.api, ...receiptRoutes(messages)],
    people: [
      management.console,
      ...own.pages,
      relatedOrigins(flow),
      ...interactionRoutes(flow),
      ...linkRoutes(flow),
    ],
  })

  runInBackground({
    db,
    jobs,
    settings: settings.current,
    messages,
    hooks,
    notify: notices({ baseUrl, settings: settings.current, messaging: messages }),
    works: { run: work, keys: workKeys },
    protocol,
    signIns,
    verifications: methods,
    sealAgain: secrets.length > 1 ? methods.totp.sealAgain : null,
    limits: limit,
    management,
    account: own,
  })

  const close = async () => {
    await Promise.all([messages.close(), hooks.close(), protocol.logoutNews.close()])
  }
  return { koa, render, assets, management: management.management, close }
}
