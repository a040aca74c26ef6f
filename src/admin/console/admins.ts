import Router from '@koa/router'
import { type Role, roles } from '../contract.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

interface Admin {
  userId: string
  name: string | null
  role: Role
  blocked: boolean
  secondFactor: boolean
  createdAt: string
  version: number
}

/** `admin/admins`: who may use the console. */
export interface AdminsPage extends ConsolePage {
  admins: readonly Admin[]
  nextHref: string | null
  roles: readonly Role[]
  mayChange: boolean
  typed: { userId: string; role: string }
}

/** Who may use the console, and in which role. */
export const adminPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin/admins' })

  const draw = async (visit: Visit, fields: Fields | null): Promise<void> => {
    const { cursor } = visit.ctx.query
    const query = typeof cursor === 'string' ? { cursor, limit: 100 } : { limit: 100 }
    const { data, next } = await visit.run<{ data: readonly Admin[]; next: string | null }>(
      'admins.list',
      { query },
    )
    visit.show<AdminsPage>('admin/admins', {
      admins: data,
      nextHref: next && `/admin/admins?${new URLSearchParams({ cursor: next })}`,
      roles,
      mayChange: visit.may('admins:write'),
      typed: {
        userId: fields?.text('userId') ?? String(visit.ctx.query.user ?? ''),
        role: fields?.text('role') ?? 'admin',
      },
    })
  }

  router.get(
    '/',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/',
    form(async (visit, fields) => {
      await visit.run('admins.put', {
        params: { userId: fields.text('userId').trim() },
        body: { role: fields.text('role') },
        version: fields.number('version'),
      })
      visit.go('/admin/admins', 'saved')
    }, draw),
  )
  router.post(
    '/remove',
    form(
      async (visit, fields) => {
        await visit.run('admins.remove', {
          params: { userId: fields.text('userId') },
          version: fields.number('version'),
        })
        visit.go('/admin/admins', 'deleted')
      },
      (visit) => draw(visit, null),
    ),
  )
  return router
}
