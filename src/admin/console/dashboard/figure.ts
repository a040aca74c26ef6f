import { csvCell } from '#src/audit/index.ts'
import type { Translate } from '#src/lib/page.ts'
import type { Report, reports } from '#src/statistics/index.ts'
import type { Drawing } from '../charts/index.ts'
import { methodWords, reasonWords } from '../event-words.ts'

/** A report as its operation answers it: instants are texts. */
type Told<T> = T extends Date
  ? string
  : T extends readonly (infer Each)[]
    ? readonly Told<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: Told<T[Key]> }
      : T

type Name = keyof ReturnType<typeof reports>
export type ToldReport<N extends Name> = Told<Report<N>>

/** Of a table: a share is a number from 0 to 1, exact in files and a percentage on pages. */
export type Cell = string | number | null | { share: number | null }

/** A picture with its numbers. */
export interface Figure {
  /** Also of its file: `<id>.csv`. */
  id: string
  title: string
  /** What the picture says, in one sentence. */
  summary: string
  /** What exactly is counted. */
  means: string
  heads: readonly string[]
  rows: readonly (readonly Cell[])[]
  /** Null where there is nothing yet. */
  drawing: Drawing | null
  /** What will be here, then. */
  empty: string
}

/** How numbers, days and reasons are written for one admin. */
export const talk = (t: Translate, lang: string) => {
  const numbers = new Intl.NumberFormat(lang)
  const short = new Intl.NumberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(lang, { style: 'percent', maximumFractionDigits: 1 })
  const day = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const hour = new Intl.DateTimeFormat(lang, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  })
  const share = (value: number | null) => (value === null ? '–' : percent.format(value))
  const words = (key: string, values?: Record<string, string | number>) =>
    t(`admin-dashboard.${key}`, values)
  return {
    words,
    reason: (code: string) => reasonWords(t, code),
    method: (id: string) => methodWords(t, id),
    number: (value: number) => numbers.format(value),
    short: (value: number) => short.format(value),
    share,
    seconds: (value: number | null) =>
      value === null ? '–' : words('seconds', { seconds: Math.round(value) }),
    day: (iso: string) => day.format(new Date(iso)),
    hour: (iso: string) => hour.format(new Date(iso)),
    cell: (cell: Cell) => {
      if (cell === null) return '–'
      if (typeof cell === 'number') return numbers.format(cell)
      return typeof cell === 'string' ? cell : share(cell.share)
    },
  }
}
export type Talk = ReturnType<typeof talk>

/** Puts the words around a picture. */
export const figureOf = (
  { words }: Talk,
  id: string,
  rest: Pick<Figure, 'summary' | 'heads' | 'rows' | 'drawing'>,
  /** Of its other words, where several figures are of one kind. */
  key = id,
): Figure => ({
  id,
  title: words(id),
  means: words(`${key}-means`),
  empty: words(`${key}-empty`),
  ...rest,
})

const plain = (cell: Cell): string => {
  if (cell === null) return ''
  if (typeof cell === 'object') return cell.share === null ? '' : String(cell.share)
  return String(cell)
}

/** The table of a figure as a file. */
export const csvOf = ({ heads, rows }: Figure): string =>
  [heads, ...rows.map((row) => row.map(plain))]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('')

/** Whether the last step of a series is not over yet. */
export const isUnfinished = (last: string | undefined, stepMs: number, now: Date): boolean =>
  last !== undefined && Date.parse(last) + stepMs > now.getTime()

export const dayMs = 24 * 3_600_000
