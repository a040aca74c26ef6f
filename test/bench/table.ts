import type { Figures, Verdict } from './figures.ts'
import type { WorkloadName } from './workloads.ts'

export interface Line {
  name: WorkloadName
  ours: Figures
  bare: Figures | null
  /** Ours by the bare library's requests a second, round by round. */
  ratios: readonly number[]
}

/** Columns as wide as they need to be: words to the left, numbers to the right. */
const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const row = (name: string, who: string, of: Figures): string[] => [
  name,
  who,
  of.perSecond.toFixed(0),
  of.cpuMs.toFixed(3),
  of.databaseCpuMs.toFixed(3),
  of.p50.toFixed(1),
  of.p99.toFixed(1),
  of.residentMb.toFixed(0),
]

export const measuredTable = (lines: readonly Line[]): string =>
  columns([
    ['', '', '/s', 'CPU ms', 'db CPU ms', 'p50 ms', 'p99 ms', 'MB', 'of bare', 'by CPU', 'rounds'],
    ...lines.flatMap(({ name, ours, bare, ratios }) => [
      ...(bare ? [[...row(name, 'bare', bare), '', '', '']] : []),
      [
        ...row(bare ? '' : name, 'Avouch', ours),
        bare ? (ours.perSecond / bare.perSecond).toFixed(2) : '',
        bare ? (bare.cpuMs / ours.cpuMs).toFixed(2) : '',
        ratios.map((ratio) => ratio.toFixed(2)).join(' '),
      ],
    ]),
  ])

export const verdictTable = (verdicts: readonly Verdict[]): string =>
  columns([
    ['', 'to reach', 'measured', ''],
    ...verdicts.map(({ what, goal, got, reached }) => [
      what,
      goal,
      got,
      reached ? 'reached' : 'FALLS SHORT',
    ]),
  ])
