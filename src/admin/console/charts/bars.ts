import { grid } from './lines.ts'
import { chartWidth, type Drawing, fitting, line, type Mark, rect, text } from './mark.ts'
import { linear, named, ticks } from './scale.ts'

export interface Columns {
  labels: readonly string[]
  values: readonly number[]
  /** Whether the last one may still grow: it is drawn open. */
  unfinished: boolean
  /** At most so many labels. */
  labelled?: number
  /** Lines across, at a place between the columns: 1.5 is the middle of the second. */
  markers?: readonly { at: number; name: string }[]
  write: (value: number) => string
}

/** What the name of a marker takes. */
const markerRoom = 72

const frame = { top: 26, bottom: 26, start: 38, end: 8, height: 190 }

/** Upright bars over time, or over classes. */
export const columns = (chart: Columns): Drawing => {
  const { labels, values, unfinished, labelled = 5, markers = [], write } = chart
  const { top, bottom, start, end, height } = frame
  const steps = ticks(Math.max(0, ...values))
  const floor = height - bottom
  const x = linear([0, Math.max(values.length, 1)], [start, chartWidth - end])
  const y = linear([0, steps.at(-1)!], [floor, top])
  const width = x(1) - x(0)
  const gap = Math.min(4, width / 5)
  const drawn = values.map((value, index) => {
    const open = unfinished && index === values.length - 1
    return rect(
      x(index) + gap / 2,
      y(value),
      width - gap,
      floor - y(value),
      open ? 'bar open' : 'bar',
    )
  })
  return {
    width: chartWidth,
    height,
    marks: [
      ...grid(steps, y, write, chartWidth - end),
      ...drawn,
      ...named(labels.length, labelled).map((index) =>
        text(x(index + 0.5), height - 8, labels[index]!, 'tick', 'middle'),
      ),
      ...markers.flatMap(({ at, name }, index): Mark[] => {
        const place = Math.min(x(at), chartWidth - end)
        // Away from its neighbours, where there is room.
        const last = index === markers.length - 1
        const after = last ? place < chartWidth - markerRoom : place < markerRoom
        // On lines of their own, so that they never cover each other.
        const height = 11 + index * 12
        return [
          line(place, height - 9, place, floor, `marker marker-${index + 1}`),
          text(place + (after ? 4 : -4), height, name, 'name', after ? 'start' : 'end'),
        ]
      }),
    ],
  }
}

export interface Row {
  name: string
  /** At the end of the row. */
  note: string
  /** From the beginning of the bar on; each has a shade of its own. */
  parts: readonly number[]
  /** After them, pale: what is not of interest. */
  rest?: number
  /** What nobody should overlook: drawn in the colour of warnings; `note` says why. */
  alarming?: boolean
  /** Below the bar. */
  detail?: string
}

const rowHeight = 40
const detailHeight = 16

/** Lying bars, one below the other, each with its name and numbers above it. */
export const rows = (all: readonly Row[]): Drawing => {
  const most = Math.max(
    1,
    ...all.map(({ parts, rest = 0 }) => parts.reduce((sum, part) => sum + part, rest)),
  )
  const scale = linear([0, most], [0, chartWidth])
  const marks: Mark[] = []
  let top = 0
  for (const { name, note, parts, rest = 0, alarming = false, detail } of all) {
    const room = Math.max(8, 50 - note.length)
    marks.push(
      text(0, top + 15, fitting(name, room), 'name'),
      text(chartWidth, top + 15, note, alarming ? 'value alarming' : 'value', 'end'),
      rect(0, top + 21, chartWidth, 11, 'track'),
    )
    let from = 0
    parts.forEach((part, index) => {
      if (part <= 0) return
      const kind = alarming ? 'part alarming' : `part part-${index + 1}`
      // A hair's breadth between the parts tells them apart without their colours.
      const width = Math.max(1, scale(part) - (index < parts.length - 1 ? 1 : 0))
      marks.push(rect(scale(from), top + 21, width, 11, kind))
      from += part
    })
    if (rest > 0) {
      const kind = alarming ? 'part rest alarming' : 'part rest'
      marks.push(rect(scale(from), top + 21, scale(rest), 11, kind))
    }
    top += rowHeight
    if (detail) {
      marks.push(text(0, top + 6, fitting(detail, 52), 'detail'))
      top += detailHeight
    }
  }
  return { width: chartWidth, height: top, marks }
}
