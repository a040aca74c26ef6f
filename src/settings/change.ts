import { isDeepStrictEqual } from 'node:util'
import { place } from '#config/names.ts'
import type { SettingsPatch, StoredSettings } from '#config/settings-schema.ts'
import type { Db } from '#src/db/contract.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { Resource } from './contract.ts'
import { readSettings, type SectionName, sections, together } from './in-force.ts'
import { isSection } from './merge.ts'
import { type StoredSection, settingsRepository } from './repository.ts'

export interface SettingsView {
  /** As they are in force. */
  settings: StoredSettings
  /** What of them the configuration file holds, section by section. */
  heldByFile: SettingsPatch
  version: number
}

/** The settings as they are stored now, for whoever wants to change them. */
export const viewSettings = async (db: Db): Promise<SettingsView> => {
  const repository = settingsRepository(db)
  const version = await repository.version()
  const stored = await repository.list()
  const held = stored.filter(({ fileValue }) => fileValue !== null)
  return {
    settings: possible(stored),
    heldByFile: Object.fromEntries(held.map(({ section, fileValue }) => [section, fileValue])),
    version,
  }
}

/**
 * Changes some of the settings; what `patch` leaves out stays. Call it in a transaction, and `load`
 * the store once that is committed.
 *
 * @param version what was looked at before; null for whatever is there
 * @throws Problem `version_changed`, `managed_by_file` or `invalid_input`
 */
export const changeSettings = async (
  tx: Db,
  patch: SettingsPatch,
  version: number | null,
): Promise<void> => {
  const repository = settingsRepository(tx)
  await repository.lock()
  if (version !== null && version !== (await repository.version())) {
    throw new Problem('version_changed')
  }
  const stored = await repository.list()
  const changed = sections
    .filter((section) => patch[section] !== undefined)
    .map((section) => {
      const row = stored.find((one) => one.section === section)
      return changeSection(section, row, patch[section])
    })
  const others = stored.filter((row) => !changed.some(({ section }) => section === row.section))
  possible([...others, ...changed])
  for (const section of changed) await repository.save(section)
}

const changeSection = (
  section: SectionName,
  row: StoredSection | undefined,
  patch: unknown,
): StoredSection => {
  const fileValue = row?.fileValue ?? null
  const held =
    section === 'resources'
      ? heldResources(fileValue as Resource[] | null, patch as Resource[])
      : heldByFile(fileValue, patch, section)
  if (held.length > 0) {
    const message = 'is held by the configuration file'
    throw new Problem('managed_by_file', { errors: held.map((path) => ({ path, message })) })
  }
  // A list of resources is all of them but those of the file, which stay.
  const value =
    section === 'resources'
      ? together(section, patch, fileValue)
      : together(section, row?.value, patch)
  return { section, value, fileValue }
}

/** Where `patch` differs from what the file holds. */
const heldByFile = (file: unknown, patch: unknown, path: string): string[] => {
  if (file === null || file === undefined || patch === undefined) return []
  if (!isSection(file) || !isSection(patch)) return isDeepStrictEqual(file, patch) ? [] : [path]
  return Object.keys(patch).flatMap((key) => heldByFile(file[key], patch[key], `${path}.${key}`))
}

const heldResources = (file: readonly Resource[] | null, patch: readonly Resource[]): string[] =>
  [...patch.entries()].flatMap(([index, resource]) => {
    const held = file?.find(({ indicator }) => indicator === resource.indicator)
    return !held || isDeepStrictEqual(held, resource) ? [] : [`resources[${index}]`]
  })

/** @throws Problem `invalid_input` with a line for each fault */
const possible = (stored: readonly StoredSection[]): StoredSettings => {
  const parsed = readSettings(stored)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(
    ({ path, message }): Fault => ({ path: place(path as (string | number)[]), message }),
  )
  throw new Problem('invalid_input', { errors })
}
