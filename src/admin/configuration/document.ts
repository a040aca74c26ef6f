import { isDeepStrictEqual } from 'node:util'
import { type ClientInput, clientSchema } from '#config/client-schema.ts'
import { type DeclaredConnector, writeConfig } from '#config/file.ts'
import type { SettingsPatch } from '#config/settings-schema.ts'
import { usesSecret } from '#src/clients/index.ts'
import { defaultSettings } from '#src/settings/index.ts'
import { metadataOf } from './client-step.ts'
import type { ClientState, ConnectorState, State, WebhookState } from './contract.ts'
import { at, differing, isSection, withAt } from './values.ts'

/** A variable that has to be set where the file is read. */
export interface Variable {
  name: string
  /** What it is, as in `clients.shop.client_secret`. */
  path: string
}

export interface Exported {
  /** The contents of a configuration file; secrets are `${NAME}`. */
  document: Record<string, unknown>
  variables: Variable[]
}

const standIn = 'a-secret-that-only-stands-in-for-another'

/** A configuration file that makes another server what this one is; of each, only what is special. */
export const writeState = (state: State): Exported => {
  const variables: Variable[] = []
  const placeholder = (path: string, words: readonly string[]): string => {
    const name = nameOf(words, new Set(variables.map((each) => each.name)))
    variables.push({ name, path })
    return `\${${name}}`
  }

  const clients = state.clients.map((client) => {
    const input = least(client)
    if (input.client_secret === undefined) return escaped(input)
    const { client_id: id } = client
    const client_secret = placeholder(`clients.${id}.client_secret`, [id, 'secret'])
    return { ...escaped(input), client_secret }
  })
  const connectors = state.connectors.map((connector) => {
    const { id, config } = connector
    const secrets = state.secrets.get(connector.connector) ?? []
    const there = secrets.filter((path) => at(config, path) !== undefined)
    const written = there.reduce(
      (all, path) => withAt(all, path, placeholder(`connectors.${id}.config.${path}`, [id, path])),
      escaped(config) as unknown,
    )
    return entryOf(connector, written as DeclaredConnector['config'])
  })
  const webhooks = state.webhooks.map((webhook) => ({
    ...escaped(webhookOf(webhook)),
    secret: placeholder(`webhooks.${webhook.id}.secret`, ['webhook', webhook.id, 'secret']),
  }))
  const settings = (differing(defaultSettings, state.settings) ?? {}) as SettingsPatch
  return { document: writeConfig(clients, connectors, webhooks, escaped(settings)), variables }
}

/** What of a client has to be said, so that the rest is filled in as it is. */
const least = (client: ClientState): ClientInput => {
  const metadata = Object.entries(metadataOf(client)).filter(([, value]) => value !== null)
  const secret = usesSecret(client as unknown as Parameters<typeof usesSecret>[0])
  const whole = {
    client_id: client.client_id,
    ...(secret ? { client_secret: standIn } : {}),
    ...withoutNulls(Object.fromEntries(metadata)),
  } as ClientInput
  const meant = clientSchema.safeParse(whole)
  if (!meant.success) return whole
  return Object.keys(whole).reduce((input, key) => {
    const { [key as keyof ClientInput]: _, ...less } = input
    const parsed = clientSchema.safeParse(less)
    const same = parsed.success && isDeepStrictEqual(parsed.data, meant.data)
    return same ? (less as ClientInput) : input
  }, whole)
}

const entryOf = (
  { id, connector, priority, countries, enabled, templates }: ConnectorState,
  config: DeclaredConnector['config'],
): DeclaredConnector => ({
  id,
  connector,
  ...(priority === 10 ? {} : { priority }),
  ...(countries ? { countries: [...countries] } : {}),
  ...(config && Object.keys(config).length > 0 ? { config } : {}),
  ...(enabled ? {} : { enabled }),
  ...(templates.length > 0 ? { templates: escaped(templates) as never } : {}),
})

const webhookOf = ({ id, url, events, description, enabled }: WebhookState) => ({
  id,
  url,
  events: [...events],
  ...(description === null ? {} : { description }),
  ...(enabled ? {} : { enabled }),
})

const withoutNulls = (value: unknown): object =>
  Object.fromEntries(
    Object.entries(value as object).map(([key, each]) => [
      key,
      isSection(each) && key === 'branding'
        ? Object.fromEntries(Object.entries(each).filter(([, inner]) => inner !== null))
        : each,
    ]),
  )

/** The file would take the characters `${` for a variable. */
const escaped = <T>(value: T): T => {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${') as T
  if (Array.isArray(value)) return value.map(escaped) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escaped(each)])) as T
}

/** `sms-main` and `authToken` give `SMS_MAIN_AUTH_TOKEN`. */
const nameOf = (words: readonly string[], taken: ReadonlySet<string>): string => {
  const snake = words
    .map((word) => word.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_'))
    .join('_')
    .toUpperCase()
  const name = /^[A-Z_]/.test(snake) ? snake : `CLIENT_${snake}`
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}_${number}`
    if (!taken.has(candidate)) return candidate
  }
}
