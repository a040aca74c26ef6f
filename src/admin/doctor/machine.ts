import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { type Finding, findingOf } from './contract.ts'

const data = findingOf('data')
const files = findingOf('files')

/** A connection of a browser is an open file, and so is one to the database. */
const fewestFiles = 4096

export interface MachineFacts {
  /** Null where nothing is kept there. */
  folder: string | null
}

export const machineFindings = async ({ folder }: MachineFacts): Promise<Finding[]> => [
  await dataFinding(folder),
  await filesFinding(),
]

const dataFinding = async (folder: string | null): Promise<Finding> => {
  if (folder === null) return data('skipped', 'unused')
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return data('ok', 'writable', { folder })
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown'
    return data('fault', 'unwritable', { folder, reason })
  }
}

const filesFinding = async (): Promise<Finding> => {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? []
  if (!soft) return files('skipped', 'unknown')
  const limit = soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft)
  return limit < fewestFiles ? files('advice', 'few', { limit }) : files('ok', 'enough')
}
