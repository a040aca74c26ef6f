import type { Format } from '#src/transfer/index.ts'
import type { WorkView } from '../api/works.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/user-import`. Posts `format`, `dryRun`, `hashConfig` and, behind them, `file`. */
export interface UserImportPage extends ConsolePage {
  formats: readonly Format[]
  format: string
  dryRun: boolean
}

/** `admin/user-export`. Gets `format`; posts it for hashes as well. */
export interface UserExportPage extends ConsolePage {
  mayTakePasswords: boolean
}

/** `admin/works`: long work, the newest first. */
export interface WorksPage extends ConsolePage {
  works: readonly WorkView[]
  nextHref: string | null
}

/** `admin/work`: how far one is, and the first of what was refused. */
export interface WorkPage extends ConsolePage {
  work: WorkView
  /** It goes on: the page looks again by itself. */
  open: boolean
  refusals: readonly { line: number; subject: string | null; reason: string }[]
  mayCancel: boolean
}
