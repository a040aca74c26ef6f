import Router from '@koa/router'
import type { Translate } from '#src/lib/page.ts'
import type { WorkView } from '../api/works.ts'
import type { Frame, Visit } from './frame.ts'
import type { WorkPage, WorksPage } from './transfer-pages.ts'

const ended: readonly string[] = ['done', 'failed', 'cancelled']

const titleOf = (t: Translate, { kind, options }: WorkView): string => {
  const { format, dryRun, passwords } = options
  if (kind === 'users.export') {
    const key = passwords ? 'kind-export-passwords' : 'kind-export'
    return t(`admin-transfer.${key}`, { format: t(`admin-transfer.as-${format}`) })
  }
  const from = t(`admin-transfer.from-${format}`)
  return t(dryRun ? 'admin-transfer.kind-trial' : 'admin-transfer.kind', { format: from })
}

const fileOf = (work: WorkView, may: Visit['may']): WorkPage['file'] => {
  const { kind, state, fileUntil, options } = work
  if (kind !== 'users.export' || state !== 'done') return 'none'
  if (fileUntil === null) return 'ended'
  if (!may('users:write')) return 'closed'
  return options.passwords ? 'passwords' : 'plain'
}

interface List<T> {
  data: readonly T[]
  next: string | null
}

/** Work that was begun and goes on by itself: left, found again, and ended early. */
export const workPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin/works' })

  router.get(
    '/',
    page(async (visit) => {
      const { cursor } = visit.ctx.query
      const { data, next } = await visit.run<List<WorkView>>('works.list', {
        query: cursor === undefined ? {} : { cursor },
      })
      const nextHref = next && `/admin/works?${new URLSearchParams({ cursor: next })}`
      const titles = data.map((work) => titleOf(visit.t, work))
      visit.show<WorksPage>('admin/works', { works: data, titles, nextHref })
    }),
  )
  router.get(
    '/:id',
    page(async (visit) => {
      const { id } = visit.ctx.params
      const work = await visit.run<WorkView>('works.read', { params: { id } })
      const { data } = await visit.run<List<WorkPage['refusals'][number]>>('works.refusals', {
        params: { id },
        query: { limit: 25 },
      })
      const open = !ended.includes(work.state)
      visit.show<WorkPage>('admin/work', {
        work,
        title: titleOf(visit.t, work),
        open,
        refusals: data,
        mayCancel: open && visit.may('users:write'),
        file: fileOf(work, visit.may),
      })
    }),
  )
  router.get(
    '/:id/report',
    page((visit) => visit.send('works.report', { params: { id: visit.ctx.params.id } })),
  )
  router.get(
    '/:id/file',
    page((visit) => visit.send('works.file', { params: { id: visit.ctx.params.id } })),
  )
  router.post(
    '/:id/file',
    form((visit) => visit.send('works.fileWithPasswords', { params: { id: visit.ctx.params.id } })),
  )
  router.post(
    '/:id/cancel',
    form(async (visit) => {
      const { id } = visit.ctx.params
      await visit.run('works.cancel', { params: { id } })
      visit.go(`/admin/works/${id}`, 'ended')
    }),
  )
  return router
}
