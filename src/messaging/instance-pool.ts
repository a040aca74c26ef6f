import type { Channel, Connector, Host } from '#connectors/contract.ts'
import type { StoredInstance } from './connector-repository.ts'
import { type Running, running } from './instances.ts'

export interface Log {
  info(values: object, words: string): void
  warn(values: object, words: string): void
  error(values: object, words: string): void
}

export interface PoolDeps {
  stored: { version(): Promise<string>; list(): Promise<StoredInstance[]> }
  connectors: ReadonlyMap<string, Connector>
  /** What is lent to an instance. */
  hostOf: (id: string) => Host
  evaluation: boolean
  log: Log
  now: () => Date
}

/** How long a change made by another process may take to be noticed. */
const recheckMs = 3000

/** The instances of this process, kept in step with what is stored. */
export const instancePool = ({ stored, connectors, hostOf, evaluation, log, now }: PoolDeps) => {
  let version: string | null = null
  let checkedAt = 0
  let checking: Promise<void> | null = null
  let current: { key: string; instance: Running }[] = []
  const inbox = connectors.get('inbox')
  // In evaluation mode it stands in for what is not configured.
  const fallback =
    evaluation && inbox
      ? running(
          { id: inbox.id, countries: null, connector: inbox, config: {}, words: null },
          hostOf(inbox.id),
        )
      : null

  const make = (row: StoredInstance): Running | null => {
    const connector = connectors.get(row.connector)
    if (!connector || (connector === inbox && !evaluation)) {
      log.error({ connector: row.id }, `There is no connector ${row.connector} here`)
      return null
    }
    const config = connector.config.safeParse(row.config)
    if (config.success) return running({ ...row, connector, config: config.data }, hostOf(row.id))
    const paths = config.error.issues.map(({ path }) => path.join('.'))
    log.error({ connector: row.id, paths }, 'The settings of a connector are no longer valid')
    return null
  }

  const read = async (): Promise<void> => {
    const found = await stored.version()
    if (found === version) return
    const before = new Map(current.map((each) => [each.key, each.instance]))
    const next: typeof current = []
    for (const row of (await stored.list()).filter(({ enabled }) => enabled)) {
      const key = `${row.id}:${row.revision}:${row.createdAt.getTime()}`
      const instance = before.get(key) ?? make(row)
      if (instance) next.push({ key, instance })
    }
    const kept = new Set(next.map(({ instance }) => instance))
    const gone = current.filter(({ instance }) => !kept.has(instance))
    version = found
    current = next
    await Promise.all(gone.map(({ instance }) => instance.retire()))
  }

  let turn: Promise<void> = Promise.resolve()
  /** One after the other: an older list must not come after a newer one. */
  const load = (): Promise<void> => {
    turn = turn.then(read, read)
    return turn
  }

  const refresh = (): Promise<void> => {
    if (now().getTime() - checkedAt < recheckMs) return checking ?? Promise.resolve()
    checkedAt = now().getTime()
    checking = load()
      .catch((error: Error) => log.warn({ reason: error.message }, 'Connectors were not re-read'))
      .finally(() => {
        checking = null
      })
    return checking
  }

  return {
    load,
    /** Looks for changes, at most every few seconds; keeps what there is when it can not. */
    refresh,

    /** Who could deliver this, in the order in which they are tried. */
    candidates(channel: Channel, to?: string): Running[] {
      const instances = current.map(({ instance }) => instance)
      const any = instances.some((instance) => instance.serves(channel))
      if (!any && fallback) return [fallback]
      return instances.filter((instance) => instance.serves(channel, to))
    },

    async close(): Promise<void> {
      const all = [...current.map(({ instance }) => instance), ...(fallback ? [fallback] : [])]
      await Promise.all(all.map((instance) => instance.retire()))
    },
  }
}

export type InstancePool = ReturnType<typeof instancePool>
