/** Sums up what was measured, and compares it with what the issue asks for. Pure. */
import type { Loaded } from './load.ts'
import type { WorkloadName } from './workloads.ts'

/** One round of one workload on one server. */
export interface Round extends Loaded {
  serverCpuMs: number
  databaseCpuMs: number
  commits: number
  residentMb: number
  /** What everything on the machine has used, this included. */
  machineCpuMs: number
}

export interface Figures {
  perSecond: number
  cpuMs: number
  databaseCpuMs: number
  commits: number
  p50: number
  p99: number
  residentMb: number
  /** Cores that the load itself kept busy. */
  loadCores: number
  /** Cores that had nothing to do with it. */
  otherCores: number
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0)

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(Math.ceil(sorted.length * share), sorted.length) - 1] ?? Number.NaN

const otherCpuMs = ({ machineCpuMs, serverCpuMs, databaseCpuMs, cpuMs }: Round): number =>
  machineCpuMs - serverCpuMs - databaseCpuMs - cpuMs

export const figures = (rounds: readonly Round[]): Figures => {
  const requests = sum(rounds.map((round) => round.requests))
  const seconds = sum(rounds.map((round) => round.seconds))
  const each = (total: (round: Round) => number) => sum(rounds.map(total)) / requests
  const latencies = rounds.flatMap((round) => round.latencies).sort((a, b) => a - b)
  return {
    perSecond: requests / seconds,
    cpuMs: each((round) => round.serverCpuMs),
    databaseCpuMs: each((round) => round.databaseCpuMs),
    commits: each((round) => round.commits),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    residentMb: Math.max(...rounds.map((round) => round.residentMb)),
    loadCores: sum(rounds.map((round) => round.cpuMs)) / 1000 / seconds,
    otherCores: Math.max(sum(rounds.map(otherCpuMs)) / 1000 / seconds, 0),
  }
}

/** Of the bare library's requests a second, how many we do at least; for sign-ins, how many. */
export const goals: Record<WorkloadName, { ratio: number } | { perSecond: number }> = {
  'client credentials': { ratio: 0.7 },
  'silent sign-in': { ratio: 0.5 },
  'code exchange': { ratio: 0.35 },
  refresh: { ratio: 0.3 },
  userinfo: { ratio: 0.6 },
  'sign-in by SMS code': { perSecond: 200 },
}

/** What a start is measured by, and the most that it may be. */
export const startGoals = {
  'memory at rest, PostgreSQL': { most: 150, unit: 'MB' },
  'memory at rest, embedded': { most: 220, unit: 'MB' },
  'first answer, PostgreSQL': { most: 1000, unit: 'ms' },
} as const
export type StartMeasure = keyof typeof startGoals

export interface Verdict {
  what: string
  goal: string
  got: string
  reached: boolean
  /** Where the time goes; for what falls short. */
  why: string
}

const times = (ratio: number) => `${ratio.toFixed(2)} ×`

export const judge = (what: WorkloadName, ours: Figures, bare: Figures | null): Verdict => {
  const goal = goals[what]
  const busy = `${ours.cpuMs.toFixed(2)} ms of CPU here${
    bare ? ` against ${bare.cpuMs.toFixed(2)} ms in the bare library` : ''
  }`
  const database = `${ours.databaseCpuMs.toFixed(2)} ms in PostgreSQL for ${ours.commits.toFixed(1)} commits, each of which waits for the disk if it writes`
  const why = `${busy}; ${database}; the load kept ${ours.loadCores.toFixed(1)} cores busy, and what has nothing to do with it ${ours.otherCores.toFixed(1)}`
  if ('ratio' in goal) {
    const ratio = ours.perSecond / bare!.perSecond
    const reached = ratio >= goal.ratio
    return { what, goal: `≥ ${times(goal.ratio)}`, got: times(ratio), reached, why }
  }
  const reached = ours.perSecond >= goal.perSecond
  const got = `${ours.perSecond.toFixed(0)} /s`
  return { what, goal: `≥ ${goal.perSecond} /s`, got, reached, why }
}

/** What was measured several times, and what is to be said of it. */
export interface Repeated {
  values: readonly number[]
  note: string
}

export const judgeStart = (what: StartMeasure, { values, note }: Repeated): Verdict => {
  const { most, unit } = startGoals[what]
  const value = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const all = values.map((each) => each.toFixed(0)).join(', ')
  return {
    what,
    goal: `≤ ${most} ${unit}`,
    got: `${value.toFixed(0)} ${unit}`,
    reached: value <= most,
    why: `the median of ${all} ${unit}${note}`,
  }
}
