import type { Format } from '#src/transfer/index.ts'
import type { WorkView } from '../api/works.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/user-import`. Posts `format`, `dryRun`, `hashConfig` and, behind them, `file`. */
export interface UserImportPage extends ConsolePage {
  formats: readonly Format[]
  format: string
  dryRun: boolean
}

/** `admin/user-export`. Posts `format`. */
export interface UserExportPage extends ConsolePage {
  mayTakePasswords: boolean
}

/** With what it is, in words. */
export type NamedWork = WorkView & { name: string }

/** `admin/works`: long work, the newest first. */
export interface WorksPage extends ConsolePage {
  works: readonly NamedWork[]
  nextHref: string | null
}

/** `admin/work`: how far one is, and the first of what was refused. */
export interface WorkPage extends ConsolePage {
  work: NamedWork
  /** It goes on: the page looks again by itself. */
  open: boolean
  refusals: readonly { line: number; subject: string | null; reason: string }[]
  mayCancel: boolean
  /** Of an export, while it can be fetched; a secret one is asked for with a form. */
  file: { secret: boolean } | null
}
