import { clientIdFault } from '#config/client-schema.ts'
import type { Template, UsageType } from '#connectors/contract.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { ClientState, ConnectorState, Run, State } from './contract.ts'

interface ListOf<T> {
  data: T[]
  next: string | null
}

type Instance = Omit<ConnectorState, 'templates'> & { templates: 'own' | 'some' | 'default' }

interface Cell {
  usageType: UsageType
  locale: string | null
  state: string
}

interface Words {
  words: { subject: string | null; content: string; contentType: 'text/plain' | 'text/html' }
}

/** Reads what there is, through the operations that show it. */
export const readState = async (run: Run): Promise<State> => {
  const { settings } = await run<SettingsView>('settings.read')
  const { data: kinds } = await run<ListOf<{ id: string; secrets: string[] }>>('connectors.kinds')
  const { data: instances } = await run<ListOf<Instance>>('connectors.list')
  const connectors: ConnectorState[] = []
  for (const { templates, ...instance } of instances) {
    const own = templates === 'some' ? await readWords(run, instance.id) : []
    connectors.push({ ...instance, templates: own })
  }
  return {
    clients: await readClients(run),
    connectors,
    secrets: new Map(kinds.map(({ id, secrets }) => [id, secrets])),
    settings,
  }
}

/** By id, so that two files compare well; those of this server itself are in none. */
const readClients = async (run: Run): Promise<ClientState[]> => {
  const found: ClientState[] = []
  let cursor: string | null = null
  do {
    const page: ListOf<ClientState> = await run<ListOf<ClientState>>('clients.list', {
      query: { limit: '100', ...(cursor === null ? {} : { cursor }) },
    })
    found.push(...page.data.filter(({ client_id }) => clientIdFault(client_id) === null))
    cursor = page.next
  } while (cursor !== null)
  return found.sort((one, two) => (one.client_id < two.client_id ? -1 : 1))
}

const readWords = async (run: Run, id: string): Promise<Template[]> => {
  const { cells } = await run<{ cells: Cell[] }>('templates.list', { params: { id } })
  const found: Template[] = []
  for (const { usageType, locale } of cells.filter(({ state }) => state === 'own')) {
    const { words } = await run<Words>('templates.read', {
      params: { id, usageType },
      query: locale === null ? {} : { locale },
    })
    found.push({
      usageType,
      content: words.content,
      ...(words.subject === null ? {} : { subject: words.subject }),
      ...(words.contentType === 'text/plain' ? {} : { contentType: words.contentType }),
      ...(locale === null ? {} : { locale }),
    })
  }
  return found
}
