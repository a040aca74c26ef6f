/**
 * Runs the tests: `node test/run.ts [part of a path …] [flags of node --test …]`.
 *
 * Brings what they need (PostgreSQL unless `TEST_DATABASE_URL` names one, and a Chromium), and takes
 * it away again, also when it is interrupted.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keptFolder } from '#src/lib/keep.ts'
import { bringChromium } from './support/chromium.ts'
import { sweepFolders, temporaryFolder } from './support/folders.ts'
import { startPostgres } from './support/postgres.ts'

const root = join(import.meta.dirname, '..')
const say = (line: string) => process.stderr.write(`${line}\n`)

const given = process.argv.slice(2)
const flags = given.filter((argument) => argument.startsWith('-'))
const wanted = given.filter((argument) => !argument.startsWith('-'))

const all = globSync('test/**/*.test.ts', { cwd: root, exclude: ['test/bench/**'] }).sort()
const files = wanted.length
  ? all.filter((file) => wanted.some((part) => file.includes(part.replace(/^\.\//, ''))))
  : all

let running: ChildProcess | null = null
let interrupted: NodeJS.Signals | null = null
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = signal
    running?.kill(signal)
  })
}

process.exitCode = files.length ? await bringAndRun() : nothing()

function nothing(): number {
  say(`No test file has a path with ${wanted.join(' or ')} in it.`)
  return 1
}

async function bringAndRun(): Promise<number> {
  const cleanups: (() => Promise<void>)[] = []
  try {
    await sweepFolders()
    const folder = await temporaryFolder('run')
    cleanups.push(() => rm(folder, { recursive: true, force: true }))
    const CHROMIUM = await bringChromium(say)
    const TEST_DATABASE_URL = process.env.TEST_DATABASE_URL || (await bringPostgres(cleanups))
    return await test({ TEST_DATABASE_URL, CHROMIUM, TEST_FOLDER: folder })
  } catch (error) {
    say((error as Error).message)
    return 1
  } finally {
    for (const clean of cleanups.reverse()) await clean()
  }
}

async function bringPostgres(cleanups: (() => Promise<void>)[]): Promise<string> {
  const server = await startPostgres()
  cleanups.push(server.close)
  return server.url
}

/** The exit code of `node --test`; it prints its own summary. */
async function test(environment: Record<string, string>): Promise<number> {
  if (interrupted) return 1
  const limits = ['--test-concurrency=2', '--test-timeout=600000']
  running = spawn(process.execPath, ['--test', ...limits, ...flags, ...files], {
    cwd: root,
    // Each file is a process of its own, which else would compile the whole tree once more.
    env: { ...process.env, NODE_COMPILE_CACHE: keptFolder, ...environment },
    stdio: 'inherit',
  })
  const [code] = await once(running, 'exit')
  return interrupted ? 1 : ((code as number | null) ?? 1)
}
