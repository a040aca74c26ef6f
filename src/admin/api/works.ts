import { z } from 'zod'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import { type ExportFormat, exportedName, exportFormats } from '#src/transfer/index.ts'
import {
  exportRefusals,
  readMade,
  type Work,
  workRepository,
  workStates,
} from '#src/works/index.ts'
import { type Operation, operation, type Streamed } from '../contract.ts'
import { instant } from './user-view.ts'

export const work = z.object({
  id: z.string(),
  kind: z.string().describe('`users.import` or `users.export`.'),
  state: z.enum(workStates),
  options: z.record(z.string(), z.unknown()),
  total: z.int().nullable().describe('Null until they were counted.'),
  done: z.int().describe('Looked at; of an import `added`, `existing` and `refused` together.'),
  added: z.int().describe('On a dry run: that would have been added.'),
  existing: z.int().describe('There already, and left as they are.'),
  refused: z.int(),
  createdBy: z.object({ kind: z.enum(['client', 'person']), id: z.string() }),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  error: z.string().nullable().describe('Why it failed.'),
  fileUntil: instant
    .nullable()
    .describe('Until when the file that it has made can be fetched; null where there is none.'),
})

/** As {@link work} is answered. */
export type WorkView = z.output<typeof work>

const params = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })
const listKey = z.tuple([z.string().regex(/^\d{1,16}$/), z.string().regex(/^[\w-]{1,64}$/)])

const refusal = z.object({ line: z.int(), subject: z.string().nullable(), reason: z.string() })

const find = async (works: ReturnType<typeof workRepository>, id: string): Promise<Work> => {
  const found = await works.find(id)
  if (!found) throw new Problem('not_found')
  return found
}

const exported = (target: string, passwords: boolean) => ({
  event: 'users.exported',
  target,
  detail: { passwords },
})

/** @throws Problem `not_found`, also where it was made with passwords and is asked for without */
const madeFile = async (
  db: Db,
  keys: Keyring,
  id: string,
  passwords: boolean,
): Promise<Streamed> => {
  const made = await find(workRepository(db), id)
  if (!made.fileUntil || (made.options.passwords === true) !== passwords) {
    throw new Problem('not_found')
  }
  const format = made.options.format as ExportFormat
  return {
    type: exportFormats[format],
    filename: exportedName(made.createdAt, format),
    chunks: readMade({ db, keys }, made),
  }
}

/** Work that takes longer than a request: how far it is, what was refused, and what it has made. */
export const workOperations = (keys: Keyring): Operation[] => [
  operation({
    id: 'works.list',
    method: 'GET',
    path: '/works',
    scope: 'users:read',
    summary: 'Long work, imports and exports, the newest first.',
    query: z.strictObject(page),
    answer: listOf(work),
    async run({ db, query: { limit, cursor } }) {
      const rows = await workRepository(db).list(readCursor(cursor, listKey), limit + 1)
      return pageOf(
        rows,
        limit,
        ({ key }) => key,
        (row) => row.work,
      )
    },
  }),

  operation({
    id: 'works.read',
    method: 'GET',
    path: '/works/{id}',
    scope: 'users:read',
    summary: 'How far a work is.',
    params,
    answer: work,
    run: ({ db, params: { id } }) => find(workRepository(db), id),
  }),

  operation({
    id: 'works.refusals',
    method: 'GET',
    path: '/works/{id}/refusals',
    scope: 'users:read',
    summary: 'What was refused, in the order of the file.',
    params,
    query: z.strictObject(page),
    answer: listOf(refusal),
    async run({ db, params: { id }, query: { limit, cursor } }) {
      const works = workRepository(db)
      await find(works, id)
      const [after] = readCursor(
        cursor,
        z.tuple([
          z
            .int()
            .min(0)
            .max(2 ** 31 - 1),
        ]),
      ) ?? [0]
      return pageOf(
        await works.refusals(id, after, limit + 1),
        limit,
        ({ number }) => [number],
        (row) => row,
      )
    },
  }),

  operation({
    id: 'works.report',
    method: 'GET',
    path: '/works/{id}/report',
    scope: 'users:read',
    summary: 'All that was refused, as CSV.',
    params,
    streams: ['text/csv'],
    async run({ db, params: { id } }): Promise<Streamed> {
      await find(workRepository(db), id)
      return { type: 'text/csv', filename: `refused-${id}.csv`, chunks: exportRefusals(db, id) }
    },
  }),

  operation({
    id: 'works.file',
    method: 'GET',
    path: '/works/{id}/file',
    scope: 'users:write',
    summary: 'The file that an export without passwords has made, for a day after its end.',
    params,
    streams: Object.values(exportFormats),
    note: ({ params: { id } }) => exported(id, false),
    run: ({ db, params: { id } }) => madeFile(db, keys, id, false),
  }),

  operation({
    id: 'works.fileWithPasswords',
    method: 'GET',
    path: '/works/{id}/file/with-passwords',
    scope: 'users:write',
    summary: 'The file that an export with passwords has made, for a day after its end.',
    destructive: true,
    params,
    streams: Object.values(exportFormats),
    note: ({ params: { id } }) => exported(id, true),
    run: ({ db, params: { id } }) => madeFile(db, keys, id, true),
  }),

  operation({
    id: 'works.cancel',
    method: 'POST',
    path: '/works/{id}/cancel',
    scope: 'users:write',
    summary: 'Ends a work where it is. What is done stays.',
    params,
    answer: work,
    note: ({ params: { id } }) => ({ event: 'work.cancelled', target: id }),
    async run({ db, params: { id } }) {
      const works = workRepository(db)
      await find(works, id)
      if (!(await works.cancel(id))) throw new Problem('work_ended')
      return find(works, id)
    },
  }),
]
