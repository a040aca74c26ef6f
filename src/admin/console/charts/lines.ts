import { chartWidth, type Drawing, fitting, line, type Mark, round, text } from './mark.ts'
import { apart, linear, named, ticks } from './scale.ts'

export interface Series {
  /** Stands at the end of its line, before its last value. */
  name: string
  values: readonly number[]
}

export interface LineChart {
  /** One for each value. */
  labels: readonly string[]
  series: readonly Series[]
  /** Whether the last value may still grow: the way to it is dashed, its end is open. */
  unfinished: boolean
  /** How numbers are written. */
  write: (value: number) => string
}

const frame = { top: 10, bottom: 26, start: 38, end: 92, height: 190 }

/** Lines over time, each with its name at its end and dashes of its own. */
export const lines = ({ labels, series, unfinished, write }: LineChart): Drawing => {
  const { top, bottom, start, end, height } = frame
  const most = Math.max(0, ...series.flatMap(({ values }) => values))
  const steps = ticks(most)
  const last = labels.length - 1
  const x = linear([0, Math.max(last, 1)], [start, chartWidth - end])
  const y = linear([0, steps.at(-1)!], [height - bottom, top])
  const at = (values: readonly number[], index: number) =>
    `${round(x(index))} ${round(y(values[index]!))}`
  const pathOf = (values: readonly number[], from: number, to: number) =>
    values
      .slice(from, to + 1)
      .map((_, index) => `${index === 0 ? 'M' : 'L'}${at(values, from + index)}`)
      .join('')

  const places = apart(
    series.map(({ values }) => y(values[last] ?? 0)),
    15,
    height - bottom + 4,
  )
  const drawn = series.flatMap(({ name, values }, index): Mark[] => {
    const whole = unfinished ? last - 1 : last
    const kind = `line line-${index + 1}`
    const path = (d: string, more: string): Mark => ({
      tag: 'path',
      attrs: { d, class: `${kind}${more}` },
    })
    return [
      ...(whole > 0 ? [path(pathOf(values, 0, whole), '')] : []),
      ...(unfinished && last > 0 ? [path(pathOf(values, last - 1, last), ' unfinished')] : []),
      {
        tag: 'circle',
        attrs: {
          cx: round(x(last)),
          cy: round(y(values[last] ?? 0)),
          r: 3,
          class: `dot dot-${index + 1}${unfinished ? ' open' : ''}`,
        },
      },
      text(
        chartWidth - end + 8,
        places[index]! + 4,
        fitting(`${name} ${write(values[last] ?? 0)}`.trim(), 14),
        'name',
      ),
    ]
  })
  return {
    width: chartWidth,
    height,
    marks: [...grid(steps, y, write), ...below(labels, x, height - 8), ...drawn],
  }
}

/** Levels with their numbers. */
export const grid = (
  steps: readonly number[],
  y: (value: number) => number,
  write: (value: number) => string,
  endX = chartWidth - frame.end,
): Mark[] =>
  steps.flatMap((step) => [
    line(frame.start, y(step), endX, y(step), step === 0 ? 'axis' : 'grid'),
    text(frame.start - 6, y(step) + 4, write(step), 'tick', 'end'),
  ])

/** Names of places along the bottom. */
const below = (labels: readonly string[], x: (at: number) => number, y: number): Mark[] =>
  named(labels.length, 4).map((index) => text(x(index), y, labels[index]!, 'tick', 'middle'))
