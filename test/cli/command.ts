/** The command line as a process of its own, as somebody at a terminal would run it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../support/folders.ts'
import { createDatabase, createDataFolder } from '../support/fresh-database.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'

const root = join(import.meta.dirname, '../..')
const patienceMs = 120_000

export interface Ended {
  code: number
  out: string
  err: string
  /** Standard output as JSON. */
  json: ReturnType<typeof JSON.parse>
}

export type Environment = Record<string, string | undefined>

export interface Home {
  folder: string
  env: Environment
  /** Runs `npx avouch …` in this environment. */
  run(...args: string[]): Promise<Ended>
  /** The same, which has to end with 0. */
  done(...args: string[]): Promise<Ended>
  /** Writes a file that a command may be given. */
  file(name: string, text: string): Promise<string>
}

/** A folder with an environment in which commands run. */
export const home = async (t: Scope, env: Environment): Promise<Home> => {
  const folder = await temporaryFolder('cli')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const own: Environment = { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), ...env }
  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: own, timeout: patienceMs, maxBuffer: 64 * 1024 * 1024 }
      const command = [join(root, 'src/cli/main.ts'), ...args]
      execFile(process.execPath, command, options, (error, out, err) => {
        const code = error ? ((error.code as number | undefined) ?? -1) : 0
        resolve({
          code,
          out,
          err,
          get json() {
            return JSON.parse(out)
          },
        })
      })
    })
  return {
    folder,
    env: own,
    run,
    async done(...args) {
      const ended = await run(...args)
      assert.equal(ended.code, 0, `${args.join(' ')}\n${ended.out}\n${ended.err}`)
      return ended
    },
    async file(name, text) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
  }
}

const SECRET_KEYS = 'a-secret-for-commands-only-a-secret-for-commands'

export type Kind = 'postgres' | 'embedded'

/** A migrated, empty database of its own that no server has open, and the commands on it. */
export const homeAlone = async (t: Scope, kind: Kind, env: Environment = {}): Promise<Home> => {
  if (kind === 'postgres') {
    const { url, drop } = await createDatabase()
    t.after(drop)
    return home(t, { DATABASE_URL: url, SECRET_KEYS, ...env })
  }
  const { folder, remove } = await createDataFolder()
  t.after(remove)
  return home(t, { DATA_DIR: folder, ...env })
}

/** A server, and the commands on the machine that it runs on. */
export const homeWithServer = async (
  t: Scope,
  kind: Kind,
  options: ServerOptions = {},
): Promise<{ server: Server; machine: Home }> => {
  const data = kind === 'embedded' ? await createDataFolder() : null
  if (data) t.after(data.remove)
  const server = await startServer(t, {
    kind,
    ...(data ? { dataDir: data.folder } : {}),
    ...options,
    env: { ...(kind === 'postgres' ? { SECRET_KEYS } : {}), ...options.env },
  })
  const machine = await home(t, {
    BASE_URL: server.baseUrl,
    ...(data ? { DATA_DIR: data.folder } : { DATABASE_URL: server.databaseUrl!, SECRET_KEYS }),
  })
  return { server, machine }
}
