import type { Env } from '#config/env.ts'
import { listClients } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Finding } from './contract.ts'
import { doctorRepository } from './doctor-repository.ts'
import { type DoctorDeps, examine } from './index.ts'
import { describe } from './info.ts'

/** Variables that hold neither a secret nor the way to one. */
const shown = [
  'HOST',
  'PORT',
  'BASE_URL',
  'WORKERS',
  'LOG_LEVEL',
  'METRICS_PORT',
  'TRUST_PROXY',
] as const satisfies readonly (keyof Env)[]

const mostClients = 1000

const withoutDomain = (finding: Finding): Finding =>
  finding.check === 'mail' ? { ...finding, values: {} } : finding

/**
 * Everything that somebody who helps from afar wants to know, and nothing that opens anything or names
 * a person: of what is secret, only that it is there.
 */
export const bundle = async (db: Db, deps: DoctorDeps) => {
  const { env, management, settings } = deps
  const { testIdentifiers, ...rest } = settings()
  const instances = await management.connectors.list(db)
  const clients = await listClients(db, { limit: mostClients })
  return {
    madeAt: new Date(),
    info: await describe(db, deps),
    findings: (await examine(db, deps)).map(withoutDomain),
    environment: {
      ...Object.fromEntries(shown.map((name) => [name, env[name]])),
      secretKeys: env.SECRET_KEYS.length,
      configFile: env.CONFIG_FILE !== undefined,
      managementClient: env.MANAGEMENT_CLIENT_SECRET !== undefined,
      adminEmail: env.ADMIN_EMAIL !== undefined,
    },
    memory: process.memoryUsage(),
    settings: { ...rest, testIdentifiers: testIdentifiers.length },
    // Account numbers, senders and hosts are nobody's business: the names of what is set will do.
    connectors: instances.map(({ config, ...instance }) => ({
      ...instance,
      config: Object.keys(config).sort(),
    })),
    clients: clients.map(({ client }) => ({
      grant_types: client.grant_types,
      token_endpoint_auth_method: client.token_endpoint_auth_method,
      application_type: client.application_type,
      redirect_uris: client.redirect_uris.length,
      secrets: client.secrets.map(({ expires_at }) => ({ expires_at })),
      managed_by_file: client.managed_by_file,
    })),
    rows: await doctorRepository(db).sizes(),
  }
}
