import type { Db } from '#src/db/contract.ts'
import { schemaState } from '#src/db/index.ts'
import { type Finding, findingOf } from './contract.ts'
import { doctorRepository } from './doctor-repository.ts'

const database = findingOf('database')
const schema = findingOf('schema')
const clock = findingOf('clock')

/** PostgreSQL 14. */
const oldest = 140_000

/** Codes and tokens are short-lived: some by our clock, some by the database's. */
const mostSkewMs = 5000

export const databaseFindings = async (
  db: Db,
  kind: 'postgres' | 'embedded',
): Promise<Finding[]> => [
  await versionFinding(db, kind),
  await schemaFinding(db),
  await clockFinding(db),
]

/** @param reason the driver's own */
export const unreachableDatabase = (reason: string): Finding =>
  database('fault', 'unreachable', { reason })

const versionFinding = async (db: Db, kind: 'postgres' | 'embedded'): Promise<Finding> => {
  const { version, number } = await doctorRepository(db).version()
  if (kind === 'embedded') return database('ok', 'embedded')
  return number < oldest
    ? database('fault', 'old', { version })
    : database('ok', 'postgres', { version })
}

const schemaFinding = async (db: Db): Promise<Finding> => {
  const { applied, pending, unknown } = await schemaState(db)
  if (applied.length === 0) return schema('advice', 'empty')
  if (pending.length > 0) return schema('fault', 'pending', { count: pending.length })
  if (unknown.length > 0) return schema('advice', 'newer', { count: unknown.length })
  return schema('ok', 'current', { count: applied.length })
}

/** How far two clocks are apart at least, when one was read between two looks at the other. */
export const skewOf = (before: number, theirs: number, after: number): number =>
  Math.round(Math.max(0, before - theirs, theirs - after))

const clockFinding = async (db: Db): Promise<Finding> => {
  const before = Date.now()
  const theirs = await doctorRepository(db).clock()
  const seconds = Math.round(skewOf(before, theirs, Date.now()) / 1000)
  return seconds * 1000 > mostSkewMs ? clock('fault', 'skewed', { seconds }) : clock('ok', 'same')
}
