import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'avouch-test-'
const staleMs = 3_600_000

/** A new folder that only this user may read; its name tells the process that has to remove it. */
export const temporaryFolder = (label: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${label}-`))

/** Removes what test runs left behind that were killed before they could. */
export async function sweepFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^avouch-test-(\d+)-/.exec(name)?.[1]
    if (!owner || isAlive(Number(owner))) continue
    const folder = join(tmpdir(), name)
    const made = await stat(folder).catch(() => null)
    // A process id says nothing about another container that shares the folder: be patient.
    if (made && Date.now() - made.mtimeMs > staleMs) {
      await rm(folder, { recursive: true, force: true }).catch(() => {})
    }
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
