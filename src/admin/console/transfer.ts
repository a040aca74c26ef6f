import Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import { formats } from '#src/transfer/index.ts'
import type { WorkView } from '../api/works.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'
import type { UserImportPage } from './transfer-pages.ts'
import { readUpload, type Upload } from './upload.ts'

/** People who come from elsewhere, and everybody as a file. */
export const transferPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin/users' })

  const draw = (visit: Visit, given: Pick<UserImportPage, 'format' | 'dryRun'>): void => {
    if (!visit.may('users:write')) throw new Problem('insufficient_scope')
    visit.show<UserImportPage>('admin/user-import', { formats, ...given })
  }
  router.get(
    '/import',
    page((visit) => draw(visit, { format: 'csv', dryRun: true })),
  )
  router.post(
    '/import',
    page(async (visit) => {
      const upload = await readUpload(visit.ctx)
      const given = { format: upload.text('format'), dryRun: upload.text('dryRun') === 'on' }
      try {
        const file = fileOf(upload)
        const query = { format: given.format, dryRun: String(given.dryRun) }
        const { id } = await visit.run<WorkView>('users.import', { query, file })
        visit.go(`/admin/works/${id}`)
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500 || error.status === 403) throw error
        visit.ctx.state.formProblem = error
        draw(visit, given)
      } finally {
        upload.forget()
      }
    }),
  )

  router.get(
    '/export',
    page((visit) => {
      if (!visit.may('users:write')) throw new Problem('insufficient_scope')
      visit.show<ConsolePage>('admin/user-export', {})
    }),
  )
  const begin = (operation: string) =>
    form(async (visit, fields) => {
      const body = { format: fields.text('format') }
      const { id } = await visit.run<WorkView>(operation, { body })
      visit.go(`/admin/works/${id}`)
    })
  router.post('/export', begin('users.beginExport'))
  router.post('/export/with-passwords', begin('users.beginExportWithPasswords'))
  return router
}

const refuse = (path: string, message: string): never => {
  throw new Problem('invalid_input', { errors: [{ path, message }] })
}

/** The file that was chosen; the settings of Firebase's hashes go before it. */
const fileOf = ({ text, file }: Upload): AsyncIterable<Buffer> => {
  if (!file) return refuse('file', 'has to be chosen')
  const pasted = text('hashConfig').trim()
  if (text('format') !== 'firebase' || pasted === '') return file
  return behind(JSON.stringify({ hash_config: readHashConfig(pasted) }), file)
}

async function* behind(first: string, file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${first}\n`)
  yield* file
}

const members = ['base64_signer_key', 'base64_salt_separator', 'rounds', 'mem_cost']

/** As Firebase's console shows it, which is no JSON. */
const readHashConfig = (pasted: string): Record<string, string> =>
  Object.fromEntries(
    members.map((name) => {
      const found = new RegExp(`\\b${name}"?\\s*:\\s*"?([\\w+/=-]+)`).exec(pasted)?.[1]
      return [name, found ?? refuse('hashConfig', `has to hold ${name}`)]
    }),
  )
