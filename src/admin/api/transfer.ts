import { z } from 'zod'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import {
  type ExportFormat,
  exportedName,
  exportFormats,
  exportUsers,
  formats,
} from '#src/transfer/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import { beginWork, type Work, workRepository } from '#src/works/index.ts'
import { type Actor, type Operation, operation, type Streamed } from '../contract.ts'
import { work } from './works.ts'

export interface TransferDeps {
  passwords: PasswordMethod
  workKeys: Keyring
}

const exported = z.strictObject({
  format: z.enum(Object.keys(exportFormats) as [ExportFormat]).default('ndjson'),
})

const streamOf = (db: Db, format: ExportFormat, passwords: PasswordMethod | null): Streamed => ({
  type: exportFormats[format],
  filename: exportedName(new Date(), format),
  chunks: exportUsers(db, format, passwords),
})

const began = ({ format }: { format: ExportFormat }, passwords: boolean) => ({ format, passwords })

const beginExport = (
  db: Db,
  { kind, id }: Actor,
  format: ExportFormat,
  passwords: boolean,
): Promise<Work> =>
  workRepository(db).createMaking({
    kind: 'users.export',
    options: { format, passwords },
    createdBy: { kind, id },
  })

/** People who come from elsewhere, and everybody as a file: for those who may change everybody. */
export const transferOperations = ({ passwords, workKeys }: TransferDeps): Operation[] => [
  operation({
    id: 'users.import',
    method: 'POST',
    path: '/users/import',
    scope: 'users:write',
    summary:
      'Begins to add the people of a file of at most 512 MB. Whoever is there already stays as they are.',
    query: z.strictObject({
      format: z
        .enum(formats)
        .describe(
          'Whose file it is. For `firebase`, an object with `hash_config` goes before the export.',
        ),
      dryRun: z
        .enum(['true', 'false'])
        .transform((given) => given === 'true')
        .default(false)
        .describe('Adds nobody, and says what would come of it.'),
    }),
    receives: ['text/csv', 'application/json', 'application/x-ndjson', 'application/octet-stream'],
    answer: work,
    status: 202,
    // The file takes its time to come.
    atomic: false,
    note: ({ query }, { id }) => ({ event: 'users.import', target: id, detail: query }),
    run: ({ db, query, actor, file }) =>
      beginWork(
        { db, keys: workKeys },
        {
          kind: 'users.import',
          options: query,
          createdBy: { kind: actor.kind, id: actor.id },
        },
        file,
      ),
  }),

  operation({
    id: 'users.export',
    method: 'GET',
    path: '/users/export',
    scope: 'users:write',
    summary: 'Everybody, without secrets, as CSV or as one JSON object a line.',
    query: exported,
    streams: Object.values(exportFormats),
    note: ({ query }) => ({ event: 'users.exported', detail: { ...query, passwords: false } }),
    run: async ({ db, query: { format } }) => streamOf(db, format, null),
  }),

  operation({
    id: 'users.beginExport',
    method: 'POST',
    path: '/users/export',
    scope: 'users:write',
    summary: 'Begins to write the same into a file, which is there when the work ends.',
    body: exported,
    answer: work,
    status: 202,
    note: ({ body }, { id }) => ({ event: 'users.export', target: id, detail: began(body, false) }),
    run: ({ db, actor, body: { format } }) => beginExport(db, actor, format, false),
  }),

  operation({
    id: 'users.beginExportWithPasswords',
    method: 'POST',
    path: '/users/export/with-passwords',
    scope: 'users:write',
    summary: 'The same with the hashes of passwords.',
    destructive: true,
    body: exported,
    answer: work,
    status: 202,
    note: ({ body }, { id }) => ({ event: 'users.export', target: id, detail: began(body, true) }),
    run: ({ db, actor, body: { format } }) => beginExport(db, actor, format, true),
  }),

  operation({
    id: 'users.exportWithPasswords',
    method: 'GET',
    path: '/users/export/with-passwords',
    scope: 'users:write',
    summary:
      'The same with the hashes of passwords. Those that were made here need SECRET_KEYS as well; with the others, whoever has the file can try out passwords.',
    destructive: true,
    query: exported,
    streams: Object.values(exportFormats),
    note: ({ query }) => ({ event: 'users.exported', detail: { ...query, passwords: true } }),
    run: async ({ db, query: { format } }) => streamOf(db, format, passwords),
  }),
]
