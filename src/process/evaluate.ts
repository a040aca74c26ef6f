/**
 * What there is only while evaluating: the demo app and the inbox. Imported when needed, so that
 * production never loads it.
 */
import { createServer, type Server } from 'node:http'
import { clientSchema, type DeclaredClient } from '#config/client-schema.ts'
import type { Env } from '#config/env.ts'
import type { App } from '../app.ts'
import type { Database } from '../db/index.ts'
import { banner, demoApp, demoClient, inboxRoutes } from '../dev/index.ts'
import { keyring } from '../lib/crypto.ts'
import { inboxRepository } from '../messaging/index.ts'
import { readIdentifier } from '../users/index.ts'

const demoUrl = (env: Env) => `http://localhost:${env.DEMO_PORT}`
const demoId = 'demo'

/** Made from the root secret, so that it need not be kept anywhere. */
const demoSecret = (secrets: readonly string[]): string =>
  keyring(secrets, 'demo').mac('client_secret').toString('base64url')

/** The demo app's registration: first-party, and confidential, so that it is asked nothing twice. */
export const demoRegistration = (env: Env, secrets: readonly string[]): DeclaredClient =>
  clientSchema.parse({
    ...demoClient(demoUrl(env)),
    client_id: demoId,
    client_secret: demoSecret(secrets),
    first_party: true,
  })

interface EvaluateDeps {
  env: Env
  secrets: readonly string[]
  db: Database
  app: App
  brand: string
}

/** Serves the inbox beside the provider. */
export const addInbox = ({ env, db, app, brand }: EvaluateDeps): void => {
  const inbox = inboxRoutes({
    inbox: inboxRepository(db),
    render: app.render,
    baseUrl: env.BASE_URL,
    brand,
    demoUrl: demoUrl(env),
    canonicalise,
  })
  app.koa.use(inbox as never)
}

/** The demo app, which keeps its sessions in memory: one process serves it, on a port of its own. */
export const demoServer = ({ env, secrets, app }: EvaluateDeps): Server =>
  createServer(
    demoApp({
      issuer: `${env.BASE_URL}/oidc`,
      clientId: demoId,
      clientSecret: demoSecret(secrets),
      baseUrl: demoUrl(env),
      inboxUrl: `${env.BASE_URL}/dev/inbox`,
      render: app.render,
      assets: app.assets.middleware,
    }).callback(),
  )

const canonicalise = (to: string): string | null => {
  try {
    return readIdentifier(to, { types: ['email', 'phone'] }).value
  } catch {
    return null
  }
}

/** What the terminal says once everything listens. */
export const greeting = (env: Env, ownerLink: string | null): string =>
  banner({
    // Whoever opens the link becomes the owner; later the console asks to sign in.
    console: ownerLink ?? `${env.BASE_URL}/admin`,
    demo: demoUrl(env),
    inbox: `${env.BASE_URL}/dev/inbox`,
    issuer: `${env.BASE_URL}/oidc`,
  })

export { announce, localOnly } from '../dev/index.ts'
