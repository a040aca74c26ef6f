import { join } from 'node:path'
import { ConfigurationError } from '#config/configuration-error.ts'
import { type Env, loadEnv } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import {
  databaseFindings,
  type Finding,
  invalidEnvironment,
  issuerFinding,
  type Told,
  tell,
  unknownSecrets,
  unreachableDatabase,
} from '../admin/index.ts'
import { type Database, whyUnreachable } from '../db/index.ts'
import { unknownKey } from '../lib/crypto.ts'
import { loadLocales } from '../lib/i18n.ts'
import { readDeclared } from '../process/prepare.ts'
import type { Calls } from './contract.ts'
import { openLocally, openOwnDatabase } from './local.ts'

const locales = join(import.meta.dirname, '../../views/locales')

const inWords = (findings: readonly Finding[]): Told[] => {
  const t = loadLocales(locales).translator('en')
  return findings.map((finding) => tell(t, finding))
}

/** What a server finds of itself, and whether its public address is reached from here. */
export const examineServer = async ({ call, baseUrl }: Calls): Promise<Told[]> => {
  const { data } = await call<{ data: Told[] }>('system.doctor')
  const [issuer] = inWords([await issuerFinding(baseUrl, 'operator')])
  return data.map((each) => (each.check === 'issuer' ? issuer! : each))
}

/**
 * The same on the machine itself, as far as it gets: what a server would end with at its start is a
 * finding here.
 */
export const examineHere = async (): Promise<Told[]> => {
  try {
    const env = loadEnv()
    await tryConfigFile(env)
    return await examineDatabase(env)
  } catch (error) {
    if (error instanceof ConfigurationError) return inWords(invalidEnvironment(error.faults))
    throw error
  }
}

const tryConfigFile = async (env: Env): Promise<void> => {
  readDeclared({ env, secrets: rootSecrets(env), connectors: await loadConnectors() })
}

const examineDatabase = async (env: Env): Promise<Told[]> => {
  const db = await openOwnDatabase(env)
  const unfit = await firstFindings(db).catch(async (error) => {
    await db.close()
    throw error
  })
  if (!unfit) return examineWhole(env, db)
  await db.close()
  return inWords(unfit)
}

/** What keeps a server from starting on this database; null where nothing does. */
const firstFindings = async (db: Database): Promise<Finding[] | null> => {
  const reason = await whyUnreachable(db)
  if (reason !== null) return [unreachableDatabase(reason)]
  const found = await databaseFindings(db, db.kind)
  const ready = found.every(({ code }) => code !== 'schema.pending' && code !== 'schema.empty')
  return ready ? null : found
}

/** Takes over the database, and closes it. */
const examineWhole = async (env: Env, db: Database): Promise<Told[]> => {
  try {
    const calls = await openLocally(env, db)
    try {
      return await examineServer(calls)
    } finally {
      await calls.close()
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== unknownKey) throw error
    return inWords([unknownSecrets()])
  }
}
