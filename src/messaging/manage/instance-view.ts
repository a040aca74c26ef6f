import type { Connector, Template } from '#connectors/contract.ts'
import type { StoredInstance } from '../connector-repository.ts'
import type { ConnectorSettings, Fault } from '../connector-settings.ts'
import type { Health } from './health-repository.ts'
import { type Config, maskSecrets } from './secrets.ts'

/** An instance as admins see it: without its secrets. */
export interface InstanceView
  extends Omit<StoredInstance, 'config' | 'words' | 'revision' | 'openUntil'> {
  name: string
  channels: Connector['channels']
  config: Config
  /** Whether any message is in the operator's words. */
  templates: 'own' | 'some' | 'default'
  /** What the settings lack by the rules of this release; it sends nothing until that is mended. */
  faults: Fault[]
  circuit: { state: 'closed' | 'open'; until: Date | null }
  version: number
}

/** The same with how it has done, which takes a look at its newest messages. */
export interface WatchedInstance extends InstanceView {
  health: Health
}

interface ViewDeps {
  connectors: ReadonlyMap<string, Connector>
  settings: ConnectorSettings
}

export const ownTemplates = (stored: Pick<StoredInstance, 'config'>): Template[] | undefined =>
  (stored.config as { templates?: Template[] }).templates

export const viewer =
  ({ connectors, settings }: ViewDeps) =>
  (stored: StoredInstance): InstanceView => {
    const { config, words, revision, openUntil, ...rest } = stored
    const connector = connectors.get(stored.connector)
    const open = openUntil !== null && openUntil.getTime() > Date.now()
    return {
      ...rest,
      name: connector?.name ?? stored.connector,
      channels: connector?.channels ?? [],
      // Of what nobody knows the schema of, nobody knows the secrets.
      config: connector ? maskSecrets(connector.config, config as Config) : {},
      templates: ownTemplates(stored) ? 'own' : words && words.length > 0 ? 'some' : 'default',
      faults: settings.validate(toSettings(stored)),
      circuit: { state: open ? 'open' : 'closed', until: open ? openUntil : null },
      version: revision,
    }
  }

const toSettings = (stored: StoredInstance) => {
  const { id, connector, priority, countries, config, enabled, words } = stored
  return {
    id,
    connector,
    priority,
    ...(countries ? { countries: [...countries] } : {}),
    config,
    enabled,
    ...(words && !ownTemplates(stored) ? { templates: words } : {}),
  }
}
