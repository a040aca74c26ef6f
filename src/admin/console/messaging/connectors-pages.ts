import type { z } from 'zod'
import type { Channel, UsageType } from '#connectors/contract.ts'
import type { instance, kind } from '../../api/connector-view.ts'
import type { ConsolePage } from '../pages.ts'
import type { ConfigField } from './config-form.ts'
import type { Fallback } from './fallback.ts'
import type { Guide } from './markdown.ts'

export type Instance = z.output<typeof instance>
export type Kind = z.output<typeof kind>

/** What a page shows of a kind. */
export interface KindView {
  id: string
  name: string
  channels: readonly Channel[]
  /** A `data:` URL. */
  logo: string
}

/** `admin/connectors`: everybody who delivers, in order. */
export interface ConnectorsPage extends ConsolePage {
  channels: readonly {
    channel: Channel
    fallback: Fallback
    /** `inbox`: while evaluating, what nobody delivers is kept there. */
    otherwise: 'inbox' | 'nobody'
    instances: readonly (Instance & { first: boolean; last: boolean; logo: string | null })[]
  }[]
  mayChange: boolean
}

/** `admin/connector-kinds`: what a new one can be. */
export interface ConnectorKindsPage extends ConsolePage {
  kinds: readonly KindView[]
}

/** What a vendor said to a test or to credentials. */
export interface Tried {
  what: 'test' | 'verify'
  done: boolean
  failure: string | null
  vendorCode: string | null
  vendorWords: string | null
  hint: string | null
  latencyMs: number
  reference: string | null
  deliveryId: string | null
  receiptComes: boolean
}

/** The fields of a test, as they were typed. */
export interface TestFields {
  to: string
  usageType: UsageType
  locale: string
  locales: readonly { code: string; name: string }[]
}

/**
 * `admin/connector`: the guide, and the form beside it. Posts the settings as `config.…`, `id`,
 * `priority`, `countries`, `enabled`, and `do`: `save`, `test`, `verify` or `fill` from `json`.
 */
export interface ConnectorPage extends ConsolePage {
  kind: KindView
  guide: Guide
  /** Null while it is new. */
  instance: Instance | null
  /** With a word for each field; null where the schema's own have to do. */
  fields: readonly (ConfigField & { label: string; hint: string | null; held: boolean })[]
  typed: { id: string; priority: string; countries: string; enabled: boolean }
  version: number | null
  readOnly: boolean
  json: { text: string; open: boolean }
  /** What was pasted and has no field. */
  pasted: string | null
  test: TestFields
  tried: Tried | null
}
