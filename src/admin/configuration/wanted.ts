import { type ConfigFile, checkConfig, type DeclaredConnector } from '#config/file.ts'
import { place } from '#config/names.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { MessagingManagement } from '#src/messaging/index.ts'
import type { WantedClient } from './client-step.ts'
import type { WantedConnector } from './connector-step.ts'
import { isSection, nullsIn, withAt } from './values.ts'
import type { WantedWebhook } from './webhook-step.ts'

export interface WantedDeps {
  validate: MessagingManagement['validate']
  production: boolean
}

export interface Wanted {
  clients: WantedClient[]
  connectors: WantedConnector[]
  webhooks: WantedWebhook[]
  settings: ConfigFile['settings']
}

/** In place of a secret that no variable gave, so that the rest can be checked. */
const standIn = '7Jq1-stands-in-for-a-secret-Xw93bLm2'
const webhookStandIn = `whsec_${Buffer.from(standIn).toString('base64')}`

const entriesOf = (value: unknown, section: string): Record<string, unknown>[] => {
  const list = isSection(value) ? value[section] : null
  return Array.isArray(list) ? list.filter(isSection) : []
}

/**
 * What a file asks for, checked as at a start. Its variables are filled in already; a secret that is
 * null was given by none.
 *
 * @throws Problem `invalid_input` with every fault, by its place in the file
 */
export const readWanted = (value: unknown, { validate, production }: WantedDeps): Wanted => {
  const withheld = new Set(
    entriesOf(value, 'clients')
      .filter(({ client_secret }) => client_secret === null)
      .map(({ client_id }) => client_id),
  )
  const unsigned = new Set(
    entriesOf(value, 'webhooks')
      .filter(({ secret }) => secret === null)
      .map(({ id }) => id),
  )
  const validateConnector = (entry: DeclaredConnector): readonly Fault[] => {
    const nulls = nullsIn(entry.config ?? {})
    const config = nulls.reduce<unknown>((all, path) => withAt(all, path, standIn), entry.config)
    return validate({ ...entry, config }).filter(
      ({ path }) => !nulls.some((each) => path === `config.${each}`),
    )
  }
  const whole = filledIn(
    filledIn(value, 'clients', 'client_secret', standIn),
    'webhooks',
    'secret',
    webhookStandIn,
  )
  const { result, faults } = checkConfig(whole, { validateConnector, production })
  if (!result) {
    const errors = faults.map(({ path, message }) => ({ path: place(path) || 'file', message }))
    throw new Problem('invalid_input', { errors })
  }
  return {
    clients: result.clients.map((declared, index) => ({
      index,
      declared,
      secret: withheld.has(declared.client_id) ? null : declared.client_secret,
    })),
    connectors: result.connectors.map((declared, index) => ({ index, declared })),
    webhooks: result.webhooks.map(({ secret, ...declared }, index) => ({
      index,
      declared,
      secret: unsigned.has(declared.id) ? null : secret,
    })),
    settings: result.settings,
  }
}

const filledIn = (value: unknown, section: string, key: string, secret: string): unknown => {
  const list = isSection(value) ? value[section] : null
  if (!isSection(value) || !Array.isArray(list)) return value
  const entries = list.map((entry) =>
    isSection(entry) && entry[key] === null ? { ...entry, [key]: secret } : entry,
  )
  return { ...value, [section]: entries }
}
