import type { z } from 'zod'
import type { Channel, UsageType } from '#connectors/contract.ts'
import type { grid, gridCell, past, previewed, template } from '../../api/templates.ts'
import type { ConsolePage } from '../pages.ts'
import type { Tried } from './connectors-pages.ts'

export type Grid = z.output<typeof grid>
export type GridCell = z.output<typeof gridCell>
export type CellView = z.output<typeof template>
export type Previewed = z.output<typeof previewed>
export type Past = z.output<typeof past>

/** `admin/templates`: for each connector, which words are used where. */
export interface TemplatesPage extends ConsolePage {
  connectors: readonly {
    id: string
    name: string
    channel: Channel
    managedByFile: boolean
    locales: readonly (string | null)[]
    rows: readonly { usageType: UsageType; cells: readonly (GridCell & { href: string })[] }[]
  }[]
  mayChange: boolean
}

/** Words as they were typed, and how they are looked at. */
export interface Draft {
  content: string
  subject: string
  contentType: 'text/plain' | 'text/html'
  withLink: boolean
  view: 'desktop' | 'phone' | 'text'
  dark: boolean
}

export interface DiffLine {
  kind: 'same' | 'added' | 'removed'
  text: string
}

export interface VersionView {
  id: string
  at: string
  author: Past['author']
  /** There were words of its own. */
  own: boolean
  /** From the version before it. */
  changes: readonly DiffLine[]
}

/**
 * `admin/template`: the words for one usage in one language, and how they look. Posts `content`,
 * `subject`, `contentType`, `withLink`, `view`, `dark`, `to` and `do`: `save`, `preview`, `replace`
 * or `test`.
 */
export interface TemplatePage extends ConsolePage {
  base: string
  connectorId: string
  channel: Channel
  usageType: UsageType
  locale: string | null
  cell: Pick<CellView, 'state' | 'from' | 'managedByFile'>
  version: number | null
  readOnly: boolean
  draft: Draft
  placeholders: readonly string[]
  /** Null where there is nothing to show. */
  preview: (Previewed & { preheader: string }) | null
  frameHref: string
  versions: readonly VersionView[]
  nextHref: string | null
  mayTest: boolean
  to: string
  tried: Tried | null
}
