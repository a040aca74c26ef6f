import type Koa from 'koa'
import type { Env } from '#config/env.ts'
import { proxyTest } from '#config/proxies.ts'
import {
  admin,
  endConsole,
  isAdmin,
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
import { interactionRoutes, linkRoutes, signInRepository } from './interaction/index.ts'
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
import { cookieKeys, oidc } from './oidc/index.ts'
import type { settingsStore } from './settings/index.ts'
import { exportTask, importUsers } from './transfer/index.ts'
import { browserRepository, invitationRepository, userRepository } from './users/index.ts'
import { readCommonPasswords, verifications } from './verification/index.ts'
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
  const now = () => new Date()

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
  const methods = verifications({
    message: {
      db,
      keys: keys('challenges'),
      messaging: messages,
      settings: settings.current,
      baseUrl,
      later: (work) => jobs.later(() => afterRequest(work)),
      now,
    },
    password: {
      db,
      pepper: keys('passwords'),
      common: await readCommonPasswords(),
      findUserId: async (identifier) =>
        (await users.findOwner(identifier)) ?? users.findUnproven(identifier),
      now,
    },
    totp: { db, keys: keys('totp'), now },
    backupCode: { db, keys: keys('backup-codes'), now },
  })
  const known = withConsole({ db, baseUrl, keys: keys('admin'), findClient: clients.find })
  const findClient = evaluation ? withCommandLine(secrets, known) : known
  const cookies = cookieKeys(keys('cookies').macs('cookie'))
  const protocol = await oidc({
    db,
    keys: keys('oidc'),
    cookies,
    baseUrl,
    evaluation,
    api: { audience: `${baseUrl}/api`, scopes: managementScopes },
    settings: settings.current,
    users,
    findClient,
    pages: shown,
    onUserCode: (address) => limit.address('user-code', address),
    async onSignedOut(userId, everywhere) {
      await audit.add({ event: everywhere ? 'sign_out.everywhere' : 'sign_out', userId })
      if (everywhere) await endConsole(db, userId)
    },
  })
  const interactionKeys = keys('interactions')
  const signIns = signInRepository(db, interactionKeys)
  const flow = {
    db,
    keys: keys('browsers'),
    https,
    settings: settings.current,
    findClient,
    users,
    invitations: invitationRepository(db),
    browsers: browserRepository(db),
    limits: limit,
    messaging: messages,
    verifications: methods,
    interactions: protocol.interactions,
    async signOutEverywhere(userId: string, exceptSessionUid: string | null) {
      await protocol.signOutEverywhere(userId, exceptSessionUid)
      await endConsole(db, userId)
    },
    signIns,
    audit,
    onSignedIn: (method: string, acr: string) => metrics.signIns.inc({ method, acr }),
    pages: shown,
    isAdmin: (userId: string) => isAdmin(db, userId),
  }

  const hooks = webhooks({
    db,
    keys: keys('webhooks'),
    outbound: outbound({ ports: env.WEBHOOK_PORTS, loopback: evaluation }),
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
    readAccessToken: protocol.readAccessToken,
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
    endSignIns: (tx, userId) => signInRepository(tx, interactionKeys).endOf(userId),
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
    programs: [management.api, ...receiptRoutes(messages)],
    people: [management.console, ...interactionRoutes(flow), ...linkRoutes(flow)],
  })

  runInBackground({
    db,
    jobs,
    settings: settings.current,
    messages,
    hooks,
    works: { run: work, keys: workKeys },
    protocol,
    signIns,
    verifications: methods,
    limits: limit,
    management,
  })

  const close = async () => {
    await Promise.all([messages.close(), hooks.close()])
  }
  return { koa, render, assets, management: management.management, close }
}
