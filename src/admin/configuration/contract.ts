import type { Template } from '#connectors/contract.ts'
import type { Fault } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'

/** A client as the API shows it. */
export interface ClientState extends Record<string, unknown> {
  client_id: string
  token_endpoint_auth_method: string
}

/** An instance of a connector as the API shows it, and its own words. */
export interface ConnectorState {
  id: string
  connector: string
  priority: number
  countries: readonly string[] | null
  enabled: boolean
  /** Its secrets are masked. */
  config: Readonly<Record<string, unknown>>
  /** For some usages; none where the config has all. */
  templates: readonly Template[]
}

/** A webhook as the API shows it. */
export interface WebhookState {
  id: string
  url: string
  description: string | null
  events: readonly string[]
  enabled: boolean
}

/** Everything that a configuration file could hold, as it is now. */
export interface State {
  clients: readonly ClientState[]
  connectors: readonly ConnectorState[]
  webhooks: readonly WebhookState[]
  /** Dotted paths of the secrets in a config, by the connector that it is for. */
  secrets: ReadonlyMap<string, readonly string[]>
  settings: Settings
}

/** One difference; `before` and `after` are left out of secrets. */
export interface Change {
  /** As in `clients.shop.redirect_uris`. */
  path: string
  kind: 'added' | 'changed' | 'removed'
  before?: unknown
  after?: unknown
}

/** A secret that was made, to be shown once. */
export type MadeSecret =
  | { client_id: string; client_secret: string }
  | { webhook_id: string; secret: string }

/** Runs another operation as part of this one. */
export type Run = <T>(operationId: string, given?: Asked) => Promise<T>

interface Asked {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
}

/** What has to be done for one entry of the file. */
export interface Step {
  changes: readonly Change[]
  /** Where the file has it. */
  entry: string
  /** Turns paths of the operation into those of the file. */
  place: (path: string) => string
  perform(run: Run): Promise<MadeSecret[]>
}

/** A step, or why there can be none. */
export interface Compared {
  step: Step | null
  faults: readonly Fault[]
}
