import Router from '@koa/router'
import type { WorkView } from '../api/works.ts'
import type { Frame, Visit } from './frame.ts'
import type { WorkPage, WorksPage } from './transfer-pages.ts'

const ended: readonly string[] = ['done', 'failed', 'cancelled']

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
      const works = data.map((work) => ({ ...work, name: nameOf(visit, work) }))
      visit.show<WorksPage>('admin/works', { works, nextHref })
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
      const kept = work.state === 'done' && Date.parse(work.fileUntil ?? '') > Date.now()
      const secret = work.options.passwords === true
      visit.show<WorkPage>('admin/work', {
        work: { ...work, name: nameOf(visit, work) },
        open,
        refusals: data,
        mayCancel: open && visit.may('users:write'),
        file: kept && (!secret || visit.may('users:write')) ? { secret } : null,
      })
    }),
  )
  router.get(
    '/:id/file',
    page((visit) => visit.send('works.file', { params: { id: visit.ctx.params.id } })),
  )
  router.post(
    '/:id/file',
    form((visit) => visit.send('works.fileWithPasswords', { params: { id: visit.ctx.params.id } })),
  )
  router.get(
    '/:id/report',
    page((visit) => visit.send('works.report', { params: { id: visit.ctx.params.id } })),
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

const nameOf = ({ t }: Visit, { kind, options }: WorkView): string => {
  if (kind === 'users.export') {
    const format = t(`admin-transfer.export-${options.format}`)
    return t(options.passwords ? 'admin-transfer.kind-secret' : 'admin-transfer.kind-export', {
      format,
    })
  }
  const format = t(`admin-transfer.from-${options.format}`)
  return t(options.dryRun ? 'admin-transfer.kind-trial' : 'admin-transfer.kind', { format })
}
