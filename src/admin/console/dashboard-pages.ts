import type { Drawing } from './charts/index.ts'
import type { ConsolePage } from './pages.ts'

export interface DrawnFigure {
  id: string
  title: string
  summary: string
  means: string
  heads: readonly string[]
  /** As they are read. */
  rows: readonly (readonly string[])[]
  drawing: Drawing | null
  empty: string
  csvHref: string
}

/** `admin/dashboard`. */
export interface DashboardPage extends ConsolePage {
  question: { range: string; since: string; until: string; client: string; channel: string }
  ranges: readonly { value: string; href: string }[]
  clients: readonly { id: string; name: string }[]
  tiles: readonly { name: string; value: string; note: string }[]
  figures: readonly DrawnFigure[]
}
