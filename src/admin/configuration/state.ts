import { clientIdFault } from '#config/client-schema.ts'
import type { Template, UsageType } from '#connectors/contract.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { ClientState, ConnectorState, Run, State, WebhookState } from './contract.ts'

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
  const { data: instances } = await run<ListOf<Instance>>('connectors.list', {
    query: { health: 'false' },
  })
  const connectors: ConnectorState[] = []
  for (const { templates, ...instance } of instances) {
    const own = templates === 'some' ? await readWords(run, instance.id) : []
    connectors.push({ ...instance, templates: own })
  }
  return {
    clients: await readClients(run),
    connectors,
    webhooks: await readAll<WebhookState>(run, 'webhooks.list', ({ id }) => id),
    secrets: new Map(kinds.map(({ id, secrets }) => [id, secrets])),
    settings,
  }
}

/** All pages, in the order of their ids, so that two files compare well. */
const readAll = async <T>(
  run: Run,
  operationId: string,
  idOf: (entry: T) => string,
): Promise<T[]> => {
  const found: T[] = []
  let cursor: string | null = null
  do {
    const page: ListOf<T> = await run<ListOf<T>>(operationId, {
      query: { limit: '100', ...(cursor === null ? {} : { cursor }) },
    })
    found.push(...page.data)
    cursor = page.next
  } while (cursor !== null)
  return found.sort((one, two) => (idOf(one) < idOf(two) ? -1 : 1))
}

/** Those of this server itself are in no file. */
const readClients = async (run: Run): Promise<ClientState[]> => {
  const all = await readAll<ClientState>(run, 'clients.list', ({ client_id }) => client_id)
  return all.filter(({ client_id }) => clientIdFault(client_id) === null)
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
