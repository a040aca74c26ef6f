/**
 * Pictures of numbers: pure functions from values to SVG geometry. They know nothing of what is
 * counted; what they can not show by form and words is shown by no colour either.
 */
export { type Columns, columns, type Row, rows } from './bars.ts'
export { type FunnelStage, funnel, lostBefore } from './funnel.ts'
export { type LineChart, lines } from './lines.ts'
export type { Drawing, Mark } from './mark.ts'
