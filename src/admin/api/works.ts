import { z } from 'zod'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { exportRefusals, type Work, workRepository, workStates } from '#src/works/index.ts'
import { type Operation, operation, type Streamed } from '../contract.ts'
import { instant } from './user-view.ts'

export const work = z.object({
  id: z.string(),
  kind: z.string().describe('The operation that began it.'),
  state: z.enum(workStates),
  options: z.record(z.string(), z.unknown()),
  total: z.int().nullable().describe('Null until they were counted.'),
  done: z.int().describe('Looked at: `added`, `existing` and `refused` together.'),
  added: z.int().describe('On a dry run: that would have been added.'),
  existing: z.int().describe('There already, and left as they are.'),
  refused: z.int(),
  createdBy: z.object({ kind: z.enum(['client', 'person']), id: z.string() }),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  error: z.string().nullable().describe('Why it failed.'),
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

/** Work that takes longer than a request: how far it is, and what was refused. */
export const workOperations = (): Operation[] => [
  operation({
    id: 'works.list',
    method: 'GET',
    path: '/works',
    scope: 'users:read',
    summary: 'Long work such as imports, the newest first.',
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
