import { csvCell } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type ExportedUser, userExportRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { ExportFormat } from './contract.ts'
import { type CsvColumn, csvColumns } from './formats/csv.ts'

const batch = 500

type Line = (user: ExportedUser, hash: string | null) => string

/**
 * Everybody, in pieces: a piece is read when the one before has been taken. Both formats can be
 * imported again.
 *
 * @param passwords with them, hashes of passwords are in it: whoever has the file can guess
 */
export async function* exportUsers(
  db: Db,
  format: ExportFormat,
  passwords: Pick<PasswordMethod, 'reveal'> | null,
): AsyncGenerator<string> {
  const columns = csvColumns.filter((name) => passwords || name !== 'password_hash')
  const write = format === 'csv' ? csvLine(columns) : ndjsonLine(passwords !== null)
  if (format === 'csv') yield `${columns.join(',')}\r\n`
  let after = ''
  for (;;) {
    const users = await userExportRepository(db).page(after, batch)
    if (users.length === 0) return
    const ids = users.map(({ id }) => id)
    const hashes = passwords ? await passwords.reveal(db, ids) : new Map<string, string>()
    yield users.map((user) => write(user, hashes.get(user.id) ?? null)).join('')
    after = ids.at(-1)!
  }
}

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
