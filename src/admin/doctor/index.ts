/**
 * What is wrong with this server, each thing with the sentence that mends it; and what it is, without
 * secrets, for those who help. The command line and the console show the same.
 */
import type { Env } from '#config/env.ts'
import type { Db } from '#src/db/contract.ts'
import { unknownKey } from '#src/lib/crypto.ts'
import { algorithms, listKeys } from '#src/oidc/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Webhooks } from '#src/webhooks/index.ts'
import { checks, type Finding, findingOf } from './contract.ts'
import { databaseFindings } from './database.ts'
import { environmentFindings } from './environment.ts'
import { type Ask, issuerFinding } from './issuer.ts'
import { machineFindings } from './machine.ts'
import { resolveText } from './mail.ts'
import { peopleFindings } from './people.ts'
import { type SendingDeps, sendingFindings } from './sending.ts'

export interface DoctorDeps extends Pick<SendingDeps, 'management' | 'messaging'> {
  env: Env
  webhooks: Pick<Webhooks, 'unreadable'>
  kind: 'postgres' | 'embedded'
  settings: () => Settings
  /** Stands in for the network in tests. */
  ask?: Ask
  resolve?: SendingDeps['resolve']
}

const keys = findingOf('keys')
const secrets = findingOf('secrets')

/** OWASP ASVS 11.2.2: keys are replaced before anybody can have worked on them for long. */
const oldestKeyDays = 180
const dayMs = 86_400_000

/** They all have one cause. */
const mostWebhooks = 10

/** Looks at everything. What can not be looked at because of one fault is left out. */
export const examine = async (db: Db, deps: DoctorDeps): Promise<Finding[]> => {
  const { env, kind, settings, ask, resolve = resolveText() } = deps
  const { testIdentifiers } = settings()
  const usesFolder = kind === 'embedded' || env.SECRET_KEYS.length === 0
  const sending = { ...deps, settings: settings(), evaluation: !env.production, resolve }
  const found = await Promise.all([
    environmentFindings(env, testIdentifiers.length),
    databaseFindings(db, kind),
    machineFindings({ folder: usesFolder ? env.DATA_DIR : null }),
    issuerFinding(env.BASE_URL, 'server', ask),
    keyFindings(db),
    sealedFindings(db, sending),
    peopleFindings(db, env.production),
  ])
  // Findings of one check stay as they came.
  return found.flat().sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check))
}

/** Connectors are read by opening what was sealed; without its secret, only a webhook rests. */
const sealedFindings = async (
  db: Db,
  deps: SendingDeps & Pick<DoctorDeps, 'webhooks'>,
): Promise<Finding[]> => {
  try {
    const sending = await sendingFindings(db, deps)
    const unreadable = await deps.webhooks.unreadable(db, mostWebhooks)
    if (unreadable.length === 0) return [...sending, secrets('ok', 'open')]
    return [...sending, ...unreadable.map((id) => secrets('fault', 'webhook', { id }))]
  } catch (error) {
    if ((error as { code?: unknown }).code !== unknownKey) throw error
    return [unknownSecrets()]
  }
}

/** What is stored was sealed with a secret that is not in `SECRET_KEYS`. */
export const unknownSecrets = (): Finding => secrets('fault', 'unknown')

const keyFindings = async (db: Db): Promise<Finding[]> => {
  const signing = (await listKeys(db)).filter(({ state }) => state === 'signing')
  const missing = algorithms.filter((alg) => !signing.some((key) => key.alg === alg))
  if (missing.length > 0) return missing.map((alg) => keys('fault', 'missing', { alg }))
  const oldest = Math.min(...signing.map(({ signsFrom }) => signsFrom.getTime()))
  const days = Math.floor((Date.now() - oldest) / dayMs)
  return [days > oldestKeyDays ? keys('advice', 'old', { days }) : keys('ok', 'there')]
}
