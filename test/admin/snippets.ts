/** Code as the console shows it, written into a folder and run as a developer would. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/folders.ts'
import { guard } from '../support/guard.ts'
import { loopbackFetch } from '../support/loopback.ts'
import type { Scope } from '../support/scope.ts'

export interface Snippet {
  name: string
  text: string
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/** The snippets of a page, as a person would copy them. */
export const snippetsOf = (html: string): Snippet[] =>
  [
    ...html.matchAll(/<h3 dir="ltr">([^<]*)<\/h3>.*?<pre id="snippet-\d+"[^>]*>([^<]*)<\/pre>/gs),
  ].map(([, name = '', text = '']) => ({ name: decode(name), text: decode(text) }))

const decode = (text: string): string =>
  text.replace(/&(#?\w+);/g, (entity, name: string) => entities[name] ?? entity)

const execute = promisify(execFile)

/** Installs what a developer would have: the Node that runs the tests goes first. */
const environment = () => ({
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
})

const askMs = 30_000

/** What has to be there to run the code of a framework, and where that comes from. */
export interface Needs {
  runtime: readonly [string, ...string[]]
  packages: readonly [string, ...string[]]
}

/** Why the code of a framework can not be run on this machine; null: it can. */
export const hindrance = async ({ runtime, packages }: Needs): Promise<string | null> => {
  if (!(await works(...runtime))) return `not run here: no ${runtime[0]}`
  if (await works(...packages)) return null
  return `not run here: ${packages[0]} can not reach its packages`
}

/** Whether a command ends well; what it looks for is then there. */
const works = (command: string, ...given: string[]): Promise<boolean> =>
  execute(command, given, { env: environment(), timeout: askMs }).then(
    () => true,
    () => false,
  )

const startMs = 240_000

/**
 * Writes the files and runs what is to be typed in the terminal, until something answers at
 * `origin`.
 *
 * @throws AssertionError with all that was printed, when it ends before
 */
export async function runSnippets(
  scope: Scope,
  snippets: readonly Snippet[],
  origin: string,
): Promise<void> {
  const folder = await temporaryFolder('snippet')
  for (const { name, text } of snippets) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const child = spawn('sh', ['-e', 'Terminal'], {
    cwd: folder,
    env: { ...environment(), GOFLAGS: '-modcacherw', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  guard(child)
  const said: Buffer[] = []
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (part) => said.push(part))
  scope.after(async () => {
    await endGroup(child)
    await rm(folder, { recursive: true, force: true })
  })
  const deadline = Date.now() + startMs
  while (Date.now() < deadline) {
    assert.equal(child.exitCode, null, `It ended:\n${Buffer.concat(said)}`)
    const answer = await loopbackFetch(origin)(origin).catch(() => null)
    if (answer) return
    await sleep(200)
  }
  assert.fail(`Nothing answers at ${origin}:\n${Buffer.concat(said)}`)
}

/** With whatever the shell has started. */
const endGroup = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || !child.pid) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
