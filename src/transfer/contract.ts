import { z } from 'zod'
import type { IdentifierType } from '#src/users/contract.ts'

/** Somebody as a file of another product tells of them, before anything of it is checked. */
export interface Person {
  /** The id that they had there and keep here; null: they get one. */
  id: string | null
  name: string | null
  locale: string | null
  blocked: boolean
  createdAt: Date | null
  identifiers: readonly { type: IdentifierType; value: string; verified: boolean }[]
  /** A hash in one of the forms that the password method reads. */
  passwordHash: string | null
  roles: readonly string[]
  customData: Readonly<Record<string, unknown>>
}

/** One person of a file, with the line that it begins on. */
export interface Entry {
  line: number
  /** What the file calls this person, for the report. */
  subject: string | null
  person: Person
}

/** One that can not be read. */
export interface Unread {
  line: number
  subject: string | null
  fault: string
}

/** Reads a whole file, a little at a time. @throws Problem where the file itself is not right */
export type ReadFile = (file: AsyncIterable<Buffer>) => AsyncIterable<Entry | Unread>

export const formats = [
  'csv',
  'avouch',
  'auth0',
  'cognito',
  'firebase',
  'keycloak',
  'logto',
] as const
export type Format = (typeof formats)[number]

export const exportFormats = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const
export type ExportFormat = keyof typeof exportFormats

/** What an export is asked to write; with `passwords`, hashes of them as well. */
export const exportOptions = z.object({
  format: z.enum(Object.keys(exportFormats) as [ExportFormat]),
  passwords: z.boolean(),
})
export type ExportOptions = z.output<typeof exportOptions>
