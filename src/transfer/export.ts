import { csvCell } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type ExportedUser, userExportRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { ExportFormat } from './contract.ts'
import { type CsvColumn, csvColumns } from './formats/csv.ts'

const batch = 500

type Line = (user: ExportedUser, hash: string | null) => string

/** With them, hashes of passwords are in the file: whoever has it can guess. */
type Passwords = Pick<PasswordMethod, 'reveal'> | null

/** Some of everybody. */
interface Piece {
  text: string
  people: number
  /** Behind whom the next piece begins. */
  last: string
  more: boolean
}

/** Everybody, in pieces: a piece is read when the one before has been taken. */
export async function* exportUsers(
  db: Db,
  format: ExportFormat,
  passwords: Passwords,
): AsyncGenerator<string> {
  let piece: Piece | null = null
  do {
    piece = await exportPiece(db, format, passwords, piece?.last ?? null)
    yield piece.text
  } while (piece.more)
}

/**
 * The people behind somebody, in the order of their ids; the first piece has a header. Both formats
 * can be imported again.
 *
 * @param after null: from the beginning
 */
export const exportPiece = async (
  db: Db,
  format: ExportFormat,
  passwords: Passwords,
  after: string | null,
): Promise<Piece> => {
  const columns = csvColumns.filter((name) => passwords || name !== 'password_hash')
  const write = format === 'csv' ? csvLine(columns) : ndjsonLine(passwords !== null)
  const header = format === 'csv' && after === null ? `${columns.join(',')}\r\n` : ''
  const users = await userExportRepository(db).page(after ?? '', batch)
  const ids = users.map(({ id }) => id)
  const hashes = passwords ? await passwords.reveal(db, ids) : new Map<string, string>()
  const lines = users.map((user) => write(user, hashes.get(user.id) ?? null))
  const text = header + lines.join('')
  const last = ids.at(-1) ?? after ?? ''
  return { text, people: users.length, last, more: users.length === batch }
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
