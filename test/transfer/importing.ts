/** Files that are imported as the server does it, by one process or several. */
import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { exportTask, type Format, importUsers } from '#src/transfer/index.ts'
import { passwordMethod } from '#src/verification/password/index.ts'
import { beginWork, type Work, worker, workRepository } from '#src/works/index.ts'
import { inPieces } from './reading.ts'

export const keys = keyring(['a secret'], 'works')
export const createdBy = { kind: 'client', id: 'ops' } as const

export const passwordsOf = (db: Db) =>
  passwordMethod({
    db,
    pepper: keyring(['a secret'], 'passwords'),
    common: new Set(),
    findUserId: async () => null,
    now: () => new Date(),
    cost: { memoryKib: 64, passes: 1, lanes: 1 },
  })

export const upload = (db: Db, format: Format, file: Buffer | string, dryRun = false) =>
  beginWork(
    { db, keys },
    { kind: 'users.import', options: { format, dryRun }, createdBy },
    inPieces(file, 100_000),
  )

const errors: unknown[] = []
export const workOn = async (db: Db, ending = new AbortController().signal) => {
  const log = { error: (...said: unknown[]) => errors.push(said) }
  const passwords = passwordsOf(db)
  const tasks = { 'users.import': importUsers(passwords), 'users.export': exportTask(passwords) }
  await worker({ db, keys, tasks, log: log as never })(ending)
  assert.deepEqual(errors, [])
}

export const importAll = async (db: Db, format: Format, file: Buffer | string, dryRun = false) => {
  const { id } = await upload(db, format, file, dryRun)
  await workOn(db)
  return (await workRepository(db).find(id))!
}

export const counts = ({ total, done, added, existing, refused }: Work) => ({
  total,
  done,
  added,
  existing,
  refused,
})
export const idsOf = async (db: Db) =>
  (await db.query<{ id: string }>('test.ids', 'select id from users order by id')).map(
    ({ id }) => id,
  )
export const textOf = async (parts: AsyncIterable<string>): Promise<string> => {
  let text = ''
  for await (const part of parts) text += part
  return text
}
export const rows = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => `u${at + from},p${at + from}@example.com,true`)
export const csv = (lines: readonly string[]) => ['id,email,email_verified', ...lines].join('\n')
