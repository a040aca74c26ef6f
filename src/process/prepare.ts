import { clientSchema, type DeclaredClient, managementClientId } from '#config/client-schema.ts'
import { type Env, environment } from '#config/env.ts'
import { type ConfigFile, readConfigFile } from '#config/file.ts'
import type { Connector } from '#connectors/contract.ts'
import { managementScopes } from '../admin/index.ts'
import { clientStore, newClient } from '../clients/index.ts'
import { type Database, exclusively, migrate } from '../db/index.ts'
import { keyring } from '../lib/crypto.ts'
import { outbound } from '../lib/outbound.ts'
import { connectorSettings } from '../messaging/index.ts'
import { settingsStore } from '../settings/index.ts'
import { applyDeclaredWebhooks, sealWebhooksAgain } from '../webhooks/index.ts'

export interface PrepareDeps {
  env: Env
  secrets: readonly string[]
  connectors: ReadonlyMap<string, Connector>
}

/**
 * Reads the configuration file, if there is one.
 *
 * @throws ConfigurationError with every fault, each as a line with its path
 */
export const readDeclared = ({ env, secrets, connectors }: PrepareDeps): ConfigFile => {
  const { validate } = connectorSettings({ connectors, secrets, evaluation: !env.production })
  return readConfigFile(env.CONFIG_FILE, {
    variables: environment(),
    validateConnector: validate,
    production: env.production,
    callFault: outbound({ ports: env.WEBHOOK_PORTS, loopback: !env.production }).fault,
  })
}

/** The program that may do everything, so that a deployment can be set up without a browser. */
const managementClient = ({ MANAGEMENT_CLIENT_SECRET: secret }: Env): DeclaredClient[] =>
  secret
    ? [
        clientSchema.parse({
          client_id: managementClientId,
          client_secret: secret,
          client_name: 'Management',
          grant_types: ['client_credentials'],
          api_scopes: [...managementScopes],
        }),
      ]
    : []

/**
 * Brings the database up to date: schema first, then what the configuration file and the
 * environment declare; then what others have set up is sealed with the newest secret. Any number of
 * processes may do so at once; they take turns, and all write the same.
 *
 * @param demo the demo app's registration, while evaluating
 */
export const prepare = async (
  deps: PrepareDeps & { db: Database; declared: ConfigFile; demo: DeclaredClient | null },
): Promise<void> => {
  const { env, db, declared, secrets, connectors, demo } = deps
  await migrate(db, env.DATABASE_URL)
  await exclusively(db, 'configuration', async (tx) => {
    await settingsStore({ db }).applyFile(tx, declared.settings)
    await clientStore({ db }).applyFile(tx, [...declared.clients, ...managementClient(env)])
    if (demo) await clientStore({ db }).upsert(tx, newClient(demo))
    const instances = connectorSettings({ connectors, secrets, evaluation: !env.production })
    await instances.apply(tx, declared.connectors)
    await instances.sealAgain(tx)
    const webhookKeys = keyring(secrets, 'webhooks')
    await applyDeclaredWebhooks(tx, webhookKeys, declared.webhooks)
    await sealWebhooksAgain(tx, webhookKeys)
  })
}
