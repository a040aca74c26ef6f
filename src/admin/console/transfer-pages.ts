import type { Format } from '#src/transfer/index.ts'
import type { WorkView } from '../api/works.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/user-import`. Posts `format`, `dryRun`, `hashConfig` and, behind them, `file`. */
export interface UserImportPage extends ConsolePage {
  formats: readonly Format[]
  format: string
  dryRun: boolean
}

/** `admin/works`: long work, the newest first. */
export interface WorksPage extends ConsolePage {
  works: readonly WorkView[]
  /** What each of them is, in words. */
  titles: readonly string[]
  nextHref: string | null
}

/** `admin/work`: how far one is, and the first of what was refused. */
export interface WorkPage extends ConsolePage {
  work: WorkView
  /** What it is, in words. */
  title: string
  /** It goes on: the page looks again by itself. */
  open: boolean
  refusals: readonly { line: number; subject: string | null; reason: string }[]
  mayCancel: boolean
  /** What an export has made, to be fetched by those who may; `closed` to others. */
  file: 'none' | 'plain' | 'passwords' | 'closed' | 'ended'
}
