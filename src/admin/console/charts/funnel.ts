import { chartWidth, type Drawing, fitting, type Mark, rect, text } from './mark.ts'
import { linear } from './scale.ts'

export interface FunnelStage {
  name: string
  count: number
  /** Nothing is known of it: drawn grey, and the next stage is measured by the one before. */
  unknown: boolean
  /** Of those of the first stage that came here, and what is said of it. */
  note: string
  /** What kept others from here, below the gap. */
  losses: readonly string[]
}

const stageHeight = 40
const lossHeight = 17

/** Stages from top to bottom; between two of them, what was lost and why. */
export const funnel = (stages: readonly FunnelStage[]): Drawing => {
  const most = Math.max(1, ...stages.map(({ count }) => count))
  const scale = linear([0, most], [0, chartWidth])
  const marks: Mark[] = []
  let top = 0
  stages.forEach(({ name, count, unknown, note, losses }, index) => {
    for (const loss of losses) {
      marks.push(text(14, top + 12, fitting(loss, 56), 'detail'))
      top += lossHeight
    }
    if (index > 0) top += 4
    const kind = unknown ? 'part unknown' : 'part part-1'
    marks.push(
      text(0, top + 14, name, 'name'),
      text(chartWidth, top + 14, note, 'value', 'end'),
      rect(0, top + 20, chartWidth, 13, 'track'),
      rect(0, top + 20, unknown ? chartWidth : scale(count), 13, kind),
    )
    top += stageHeight
  })
  return { width: chartWidth, height: top, marks }
}

/** How many were lost before each stage: measured from the last stage before of which something is known. */
export const lostBefore = (stages: readonly Pick<FunnelStage, 'count' | 'unknown'>[]): number[] => {
  let before: number | null = null
  return stages.map(({ count, unknown }) => {
    if (unknown) return 0
    const lost = before === null ? 0 : Math.max(0, before - count)
    before = count
    return lost
  })
}
