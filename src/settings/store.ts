import { ConfigurationError } from '#config/configuration-error.ts'
import { settingPlace } from '#config/names.ts'
import type { SettingsPatch } from '#config/settings-schema.ts'
import type { Db } from '#src/db/contract.ts'
import type { Settings } from './contract.ts'
import { defaultSettings } from './defaults.ts'
import { readSettings, sections, together } from './in-force.ts'
import { type StoredSection, settingsRepository } from './repository.ts'

export interface SettingsStoreDeps {
  db: Db
  /** How long a change may go unnoticed by other processes. */
  refreshSeconds?: number
  now?: () => number
  /** Told when new settings could not be read; the old ones stay in force. */
  onFailure?: (error: unknown) => void
}

/** @throws ConfigurationError when it is not possible, or does not go together */
const inForce = (stored: readonly StoredSection[]): Settings => {
  const parsed = readSettings(stored)
  if (parsed.success) return freeze(parsed.data)
  throw new ConfigurationError(
    'The settings do not go together with those that are stored or the default:',
    parsed.error.issues.map(({ path, message }) => `${settingPlace(path)}: ${message}`),
  )
}

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

export const settingsStore = (deps: SettingsStoreDeps) => {
  const { db, refreshSeconds = 3, now = Date.now, onFailure = () => {} } = deps
  const repository = settingsRepository(db)
  let settings = freeze(structuredClone(defaultSettings))
  let version = 0
  let checkedAt = now()

  const load = async (): Promise<void> => {
    // The version first: what changes in between is then read again rather than missed.
    const newest = await repository.version()
    settings = inForce(await repository.list())
    version = newest
    checkedAt = now()
  }

  const refresh = async (): Promise<void> => {
    if ((await repository.version()) !== version) await load()
  }

  return {
    /**
     * The settings in force; frozen, and the same object until something changes. Asks the database
     * in the background, every few seconds at most, and never waits for it.
     */
    current(): Settings {
      if (now() - checkedAt >= refreshSeconds * 1000) {
        checkedAt = now()
        refresh().catch(onFailure)
      }
      return settings
    },

    /** Reads the settings, at start. @throws ConfigurationError when what is stored is not possible */
    load,

    /** Reads them again if anything has changed. */
    refresh,

    /**
     * Puts what the configuration file holds in force, and releases what it no longer holds: that
     * keeps its value. What the file leaves out keeps what was stored. Call it in a transaction, in
     * one process at a time, and `load` after it.
     *
     * @throws ConfigurationError when it does not go together with what is stored
     */
    async applyFile(tx: Db, partial: SettingsPatch): Promise<void> {
      const own = settingsRepository(tx)
      const stored = await own.list()
      const changed = sections.flatMap((section): StoredSection[] => {
        const row = stored.find((one) => one.section === section)
        const fileValue = partial[section] ?? null
        if (!row && fileValue === null) return []
        return [
          { section, value: together(section, row?.value, fileValue ?? undefined), fileValue },
        ]
      })
      inForce(changed)
      for (const section of changed) await own.save(section)
    },
  }
}

export type SettingsStore = ReturnType<typeof settingsStore>
