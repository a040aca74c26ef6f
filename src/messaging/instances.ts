import type { Channel, Connector, Host, Instance, Message, Template } from '#connectors/contract.ts'
import { type Breaker, closed } from './breaker.ts'
import type { StoredInstance } from './connector-repository.ts'
import { isIn } from './country.ts'
import { type Choose, chooserOf } from './template.ts'

/** One configured instance, opened when it is first used. */
export interface Running {
  id: string
  /** The operator's own words, where there are any. */
  choose: Choose
  /** Kept here, since every message of this process looks at it and some change it. */
  breaker: Breaker
  serves(channel: Channel, to?: string): boolean
  /** @throws DeliveryError */
  send(message: Message): Promise<{ reference: string }>
  /** Closes it once nothing is under way. */
  retire(): Promise<void>
}

interface Settings extends Pick<StoredInstance, 'id' | 'countries' | 'words'> {
  connector: Connector
  /** What the connector's schema made of it. */
  config: unknown
}

/** An instance that is not open yet. */
export const running = (
  { id, countries, connector, config, words }: Settings,
  host: Host,
): Running => {
  let opening: Promise<Instance> | null = null
  let underWay = 0
  let retired = false

  const open = (): Promise<Instance> => {
    opening ??= connector.open(config, host).catch((error) => {
      opening = null
      throw error
    })
    return opening
  }
  const closeIfDone = async () => {
    if (!retired || underWay > 0 || !opening) return
    const last = opening
    // Whoever still holds this instance opens it once more, and closes it again.
    opening = null
    await (await last).close().catch(() => {})
  }

  return {
    id,
    choose: chooserOf((config as { templates?: readonly Template[] }).templates, words),
    breaker: closed,

    serves: (channel, to) =>
      connector.channels.includes(channel) &&
      (channel !== 'sms' || !countries || to === undefined || isIn(countries, to)),

    async send(message) {
      underWay += 1
      try {
        return await (await open()).send(message)
      } finally {
        underWay -= 1
        await closeIfDone()
      }
    },

    async retire() {
      retired = true
      await closeIfDone()
    },
  }
}
