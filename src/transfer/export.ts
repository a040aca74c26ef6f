import { csvCell } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type ExportedUser, userExportRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { Task } from '#src/works/index.ts'
import { type ExportFormat, type ExportOptions, exportOptions } from './contract.ts'
import { type CsvColumn, csvColumns } from './formats/csv.ts'

const batch = 500

type Line = (user: ExportedUser, hash: string | null) => string

type Revealing = Pick<PasswordMethod, 'reveal'>

/**
 * Everybody, in pieces: a piece is read when the one before has been taken. Both formats can be
 * imported again.
 *
 * @param passwords with them, hashes of passwords are in it: whoever has the file can guess
 */
export async function* exportUsers(
  db: Db,
  format: ExportFormat,
  passwords: Revealing | null,
): AsyncGenerator<string> {
  const { head, page } = writer(format, passwords)
  yield head
  let after = ''
  for (;;) {
    const { text, count, last } = await page(db, after)
    if (count === 0) return
    yield text
    after = last
  }
}

/** How a file of people begins, and goes on behind somebody. */
const writer = (format: ExportFormat, passwords: Revealing | null) => {
  const columns = csvColumns.filter((name) => passwords || name !== 'password_hash')
  const write = format === 'csv' ? csvLine(columns) : ndjsonLine(passwords !== null)
  return {
    head: format === 'csv' ? `${columns.join(',')}\r\n` : '',
    async page(db: Db, after: string): Promise<{ text: string; count: number; last: string }> {
      const users = await userExportRepository(db).page(after, batch)
      const ids = users.map(({ id }) => id)
      const hashes = passwords ? await passwords.reveal(db, ids) : new Map<string, string>()
      const text = users.map((user) => write(user, hashes.get(user.id) ?? null)).join('')
      return { text, count: users.length, last: ids.at(-1) ?? after }
    },
  }
}

/** Work of the kind {@link exportTask}: its file is gone sooner where passwords are in it. */
export const exportWork = (options: ExportOptions) => ({
  kind: 'users.export',
  options,
  fileHours: options.passwords ? 1 : 24,
})

/** The task `users.export`: writes everybody into a file, each once, however often it is interrupted. */
export const exportTask =
  (passwords: Revealing): Task =>
  async (job) => {
    const options = exportOptions.parse(job.work.options)
    const { head, page } = writer(options.format, options.passwords ? passwords : null)
    let { position } = job.work
    for (let whole = false; !whole; ) {
      const began = position !== null
      const own = await job.commit(async (tx) => {
        if (!began) await job.setTotal(await userExportRepository(tx).count(), tx)
        const { text, count, last } = await page(tx, position ?? '')
        whole = count === 0
        position = last
        return {
          ...nothing,
          done: count,
          added: count,
          piece: began ? text : head + text,
          position,
        }
      })
      if (!own) return false
    }
    return true
  }

const nothing = { existing: 0, refused: [] }

const ndjsonLine =
  (withHash: boolean): Line =>
  ({ lastSignInAt, createdAt, identifiers, ...user }, hash) => {
    const line = {
      ...user,
      createdAt: createdAt.toISOString(),
      lastSignInAt: lastSignInAt?.toISOString() ?? null,
      identifiers: identifiers.map(({ type, value, verified }) => ({ type, value, verified })),
      ...(withHash ? { passwordHash: hash } : {}),
    }
    return `${JSON.stringify(line)}\n`
  }

const csvLine =
  (columns: readonly CsvColumn[]): Line =>
  (user, hash) => {
    const of = (wanted: string) => user.identifiers.filter(({ type }) => type === wanted)
    const values = (type: string) =>
      of(type)
        .map(({ value }) => value)
        .join(' ')
    const flags = (type: string) =>
      of(type)
        .map(({ verified }) => verified)
        .join(' ')
    const { customData } = user
    const cells: Record<CsvColumn, string> = {
      id: user.id,
      email: values('email'),
      email_verified: flags('email'),
      phone: values('phone'),
      phone_verified: flags('phone'),
      username: values('username'),
      name: user.name ?? '',
      locale: user.locale ?? '',
      blocked: String(user.blocked),
      created_at: user.createdAt.toISOString(),
      roles: user.roles.join(' '),
      custom_data: Object.keys(customData).length > 0 ? JSON.stringify(customData) : '',
      password_hash: hash ?? '',
    }
    return `${columns.map((name) => csvCell(cells[name])).join(',')}\r\n`
  }
