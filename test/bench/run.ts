/**
 * Compares Avouch with the library that it is built on, in one run on one machine:
 * `node test/bench/run.ts [--seconds=5] [--rounds=3] [--workers=16] [--only=refresh] [--profile=dir]`.
 *
 * `--only` takes a part of a workload's name, or `starts`. `--profile` writes a CPU profile of both
 * servers to a folder. Whatever falls short is said; the exit code says whether it could be measured.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { sweepFolders } from '../support/folders.ts'
import type { Scope } from '../support/scope.ts'
import {
  figures,
  judge,
  judgeStart,
  type Repeated,
  type Round,
  type StartMeasure,
  type Verdict,
} from './figures.ts'
import type { Until } from './load.ts'
import { cpuMs, databaseMeter, machineCpuMs, residentMb } from './measure.ts'
import {
  type Load,
  type Running,
  startAvouch,
  startBare,
  startDatabase,
  startLoad,
} from './processes.ts'
import { measureStarts } from './starts.ts'
import { type Line, measuredTable, verdictTable } from './table.ts'
import { type WorkloadName, workloadNames } from './workloads.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '16' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
})

const number = (name: 'seconds' | 'rounds' | 'workers', most: number): number => {
  const value = Number(options[name])
  if (value >= 1 && value <= most) return value
  throw new Error(`--${name} has to be a number from 1 to ${most}`)
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const progress = (text: string) => process.stderr.write(`${text}\n`)

/** Codes live for a minute, and are made while silent sign-ins of both are measured. */
const seconds = number('seconds', 15)
const rounds = number('rounds', 100)
const workers = number('workers', 256)
/** Until V8 has compiled what runs often; on a busy machine that takes its time. */
const warmUp = (name: WorkloadName): Until =>
  name === 'sign-in by SMS code'
    ? { seconds: 1, requests: 500, most: 60 }
    : { seconds: 1, requests: 4000, most: 20 }
const measuring: Until = { seconds, requests: 0, most: seconds }

/** What a workload needs is made by another. */
const needs: Partial<Record<WorkloadName, WorkloadName>> = { 'code exchange': 'silent sign-in' }

const wantsStarts = 'starts'.includes(options.only)
const wanted = workloadNames.filter((name) => name.includes(options.only))
const measured = workloadNames.filter(
  (name) => wanted.includes(name) || wanted.some((each) => needs[each] === name),
)

const profiling: Record<string, string> = options.profile
  ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` }
  : {}

const cleanups: (() => unknown)[] = []
const scope: Scope = { after: (clean) => cleanups.push(clean) }

type Meter = Awaited<ReturnType<typeof databaseMeter>>

const measure = async (
  { target, pid }: Running,
  load: Load,
  meter: Meter,
  name: WorkloadName,
  until: Until,
): Promise<Round> => {
  const before = { ...(await meter.read()), own: cpuMs(pid()), machine: machineCpuMs() }
  const loaded = await load.ask({ do: 'load', target: target.name, name, workers, until })
  const after = { ...(await meter.read()), own: cpuMs(pid()), machine: machineCpuMs() }
  return {
    ...loaded,
    serverCpuMs: after.own - before.own,
    databaseCpuMs: after.cpuMs - before.cpuMs,
    commits: after.commits - before.commits,
    residentMb: residentMb(pid()),
    machineCpuMs: after.machine - before.machine,
  }
}

const compare = async (bare: Running, ours: Running, load: Load, meter: Meter): Promise<Line[]> => {
  for (const { target } of [bare, ours]) await load.ask({ do: 'prepare', target, workers })
  const both = new Map(measured.map((name) => [name, { bare: [] as Round[], ours: [] as Round[] }]))
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? 'Warming up' : `Round ${round} of ${rounds}`)
    for (const [name, results] of both) {
      const until = round === 0 ? warmUp(name) : measuring
      const theirs =
        name === 'sign-in by SMS code' ? null : await measure(bare, load, meter, name, until)
      const own = await measure(ours, load, meter, name, until)
      if (round === 0) continue
      if (theirs) results.bare.push(theirs)
      results.ours.push(own)
    }
  }
  return [...both]
    .filter(([name]) => wanted.includes(name))
    .map(([name, results]) => ({
      name,
      ours: figures(results.ours),
      bare: results.bare.length > 0 ? figures(results.bare) : null,
      ratios: results.bare.map(
        (each, at) => figures([results.ours[at]!]).perSecond / figures([each]).perSecond,
      ),
    }))
}

const busiest = (lines: readonly Line[]): number =>
  Math.max(...lines.flatMap(({ ours, bare }) => [ours.otherCores, bare?.otherCores ?? 0]))

const report = (lines: readonly Line[], starts: Record<StartMeasure, Repeated> | null): void => {
  const verdicts: Verdict[] = [
    ...lines.map(({ name, ours, bare }) => judge(name, ours, bare)),
    ...Object.entries(starts ?? {}).map(([what, values]) =>
      judgeStart(what as StartMeasure, values),
    ),
  ]
  say('')
  if (lines.length > 0) say(measuredTable(lines))
  if (lines.length > 0)
    say(`\nA closed loop of ${workers}: a slow answer also delays the next question, so p99 flatters both.
CPU is of the server alone, all threads, for each request; "db" is all of PostgreSQL. MB is resident
memory after the load. A sign-in is eight requests (authorize, page, identify, page, verify, resume,
token, userinfo) of somebody who has an account; scripts and styles are cached by browsers and left
out. Of bare: our requests a second by those of the library; by CPU: its milliseconds by ours. What has nothing to do with all this kept
${busiest(lines).toFixed(1)} of ${cpus().length} cores busy: where that is much, only the ratios say something, by CPU above all.
`)
  say(verdictTable(verdicts))
  const short = verdicts.filter(({ reached }) => !reached)
  if (short.length > 0) say('')
  for (const { what, why } of short) say(`${what} falls short: ${why}.`)
}

const main = async (): Promise<void> => {
  await sweepFolders()
  const load1 = loadavg()[0]!.toFixed(1)
  say(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ` +
      `load before the start ${load1}; ${seconds} s × ${rounds} rounds`,
  )
  await startDatabase(scope)
  const load = await startLoad(scope)
  const bare = await startBare(scope, profiling)
  const ours = await startAvouch(scope, load.vendor, profiling)
  const meter = await databaseMeter(ours.databaseUrl)
  cleanups.push(meter.close)
  const starts = wantsStarts ? await measureStarts(scope, ours.server) : null
  report(measured.length > 0 ? await compare(bare, ours, load, meter) : [], starts)
}

try {
  if (wanted.length === 0 && !wantsStarts) throw new Error(`Nothing is called ${options.only}`)
  await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  for (const clean of cleanups.reverse()) await clean()
}
