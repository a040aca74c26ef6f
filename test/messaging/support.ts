/** Messaging on a database of its own, with vendors that a test controls. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type Channel,
  type Connector,
  DeliveryError,
  type DeliveryFailure,
  defineConnector,
  type Message,
} from '#connectors/contract.ts'
import { loadConnectors } from '#connectors/index.ts'
import type { Db } from '#src/db/index.ts'
import { loadLocales } from '#src/lib/i18n.ts'
import {
  connectorSettings,
  type InstanceSettings,
  messaging,
  type NewDelivery,
} from '#src/messaging/index.ts'
import type { TestDatabase } from '../support/database.ts'
import type { Scope } from '../support/scope.ts'

const i18n = loadLocales(join(import.meta.dirname, '../../views/locales'))
export const secrets = ['a root secret for the tests of messaging']

/** What a vendor does with the next messages: takes them, or fails. */
export type Reaction = 'take' | DeliveryFailure | (() => Promise<void>)

export interface Vendor {
  connector: Connector
  taken: Message[]
  /** Messages that it was asked to send, by instance. */
  calls: string[]
  reaction: Reaction
  retryAfterSeconds: number | null
  opened: number
  closed: number
}

/** A connector that does as it is told; `label` in its settings tells its instances apart. */
export const vendor = (id: string, channel: Channel): Vendor => {
  const self: Vendor = {
    taken: [],
    calls: [],
    reaction: 'take',
    retryAfterSeconds: null,
    opened: 0,
    closed: 0,
    connector: defineConnector({
      id,
      channels: [channel],
      name: id,
      config: z.strictObject({
        label: z.string(),
        token: z.string().optional(),
        failure: z.string().optional(),
      }),
      async open({ label, failure }) {
        self.opened += 1
        return {
          async send(message) {
            self.calls.push(label)
            const { reaction, retryAfterSeconds } = self
            if (typeof reaction === 'function') await reaction()
            const fails = failure ?? (typeof reaction === 'string' ? reaction : 'take')
            if (fails !== 'take') {
              throw new DeliveryError(fails as DeliveryFailure, `${message.to} was refused`, {
                vendorCode: '42',
                retryAfterSeconds,
              })
            }
            self.taken.push(message)
            return { reference: `${label}-${message.id}` }
          },
          async verify() {},
          async close() {
            self.closed += 1
          },
        }
      },
    }),
  }
  return self
}

export interface SetUp {
  evaluation?: boolean
  instances?: InstanceSettings[]
}

export const setUp = async (t: Scope, db: TestDatabase, given: SetUp = {}) => {
  const { evaluation = false, instances = [] } = given
  const sms = vendor('test-sms', 'sms')
  const email = vendor('test-email', 'email')
  const connectors = new Map(await loadConnectors())
  for (const { connector } of [sms, email]) connectors.set(connector.id, connector)

  const settings = connectorSettings({ connectors, secrets, evaluation })
  const apply = async (list: InstanceSettings[]) => {
    const faults = await settings.apply(db, list)
    if (faults.length > 0) throw new Error(JSON.stringify(faults))
  }
  await apply(instances)

  const clock = { ms: Date.now() }
  const announced: Message[] = []
  const logged: string[] = []
  const log = (values: object, words: string) => void logged.push(JSON.stringify([values, words]))
  const open = async () => {
    const opened = await messaging({
      db,
      secrets,
      connectors,
      evaluation,
      i18n,
      baseUrl: 'https://login.example.com',
      announce: (message) => void announced.push(message),
      log: { info: log, warn: log, error: log },
      now: () => new Date(clock.ms),
    })
    t.after(() => opened.close())
    return opened
  }
  const service = await open()

  const queue = async (delivery: Partial<NewDelivery> = {}): Promise<string> => {
    const one = newDelivery(delivery)
    await db.transaction((tx) => service.queue(tx, one))
    return one.id
  }
  /** Queues and sends one, and says how it ended. */
  const deliver = async (delivery: Partial<NewDelivery> = {}) => {
    const id = await queue(delivery)
    await service.send(id)
    return service.state(id)
  }
  const baseUrl = 'https://login.example.com'
  const managementDeps = { connectors, secrets, evaluation, i18n, baseUrl }
  return {
    service,
    open,
    sms,
    email,
    settings,
    apply,
    queue,
    deliver,
    clock,
    announced,
    logged,
    managementDeps,
  }
}

const newDelivery = (given: Partial<NewDelivery>): NewDelivery => ({
  id: randomUUID(),
  channel: 'sms',
  to: given.channel === 'email' ? 'ada.lovelace@example.com' : '+41791234567',
  usageType: 'SignIn',
  locale: 'en',
  variables: {
    code: '482913',
    link: 'https://login.example.com/l/secret-link',
    expiresInMinutes: 5,
    applicationName: 'Demo',
    userName: null,
  },
  ttlSeconds: 300,
  interactionUid: 'i1',
  clientId: 'demo',
  ...given,
})

export interface Record {
  state: string
  body: Buffer | null
  connector_id: string | null
  reference: string | null
  failure: string | null
  vendor_code: string | null
  vendor_words: string | null
  recipient_masked: string
  attempts: number
  finished_at: Date | null
}

export const recordOf = async (db: Db, id: string): Promise<Record> => {
  const [row] = await db.query<Record>('test.delivery', 'select * from deliveries where id = $1', [
    id,
  ])
  return row!
}

/** Every row of the tables of messaging, as text, as somebody with a copy would read it. */
export const dump = async (db: Db): Promise<string> => {
  const tables = ['deliveries', 'connectors', 'inbox_messages']
  const rows = await Promise.all(
    tables.map((table) =>
      db.query<{ text: string }>(`test.dump.${table}`, `select t::text as text from ${table} t`),
    ),
  )
  const text = rows
    .flat()
    .map(({ text }) => text)
    .join('\n')
  const bytes = [...text.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex]) =>
    Buffer.from(hex!, 'hex').toString('latin1'),
  )
  return [text, ...bytes].join('\n')
}
