import type { Db } from '#src/db/contract.ts'

export interface StoredSection {
  section: string
  /** What was set, by whomever. */
  value: unknown
  /** What of it the configuration file holds; null where the file does not name the section. */
  fileValue: unknown
}

interface SectionRow {
  section: string
  value: string
  file_value: string | null
}

/** Settings that differ from the defaults, a row for each section. */
export const settingsRepository = (db: Db) => ({
  /** Another number whenever anything has changed: versions of rows only grow. */
  async version(): Promise<number> {
    const [row] = await db.query<{ version: number }>(
      'settings.version',
      'select coalesce(sum(version), 0)::int as version from settings',
    )
    return row?.version ?? 0
  },

  /** Whoever changes settings takes turns, until the end of the transaction. */
  async lock(): Promise<void> {
    await db.query('settings.lock', `select pg_advisory_xact_lock(hashtext('avouch/settings'))`)
  },

  async list(): Promise<StoredSection[]> {
    const rows = await db.query<SectionRow>(
      'settings.list',
      'select section, value, file_value from settings order by section',
    )
    return rows.map(({ section, value, file_value }) => ({
      section,
      value: JSON.parse(value),
      fileValue: file_value === null ? null : JSON.parse(file_value),
    }))
  },

  /** Leaves a row that is the same already as it is. */
  async save({ section, value, fileValue }: StoredSection): Promise<void> {
    await db.query(
      'settings.save',
      `insert into settings as s (section, value, file_value) values ($1, $2, $3)
       on conflict (section) do update set value = excluded.value,
         file_value = excluded.file_value, version = s.version + 1, updated_at = now()
       where (s.value, s.file_value) is distinct from (excluded.value, excluded.file_value)`,
      [section, JSON.stringify(value), fileValue === null ? null : JSON.stringify(fileValue)],
    )
  },
})
