import Router from '@koa/router'
import type { Told } from '../doctor/contract.ts'
import { tell } from '../doctor/tell.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

interface Info {
  release: string
  node: string
  platform: string
  mode: 'production' | 'evaluation'
  issuer: string
  startedAt: string
  processes: { workers: number; connections: number | null }
  storage: { kind: 'postgres' | 'embedded'; version: string }
  schema: { applied: number; newest: string | null; pending: readonly string[] }
}

/** `admin/system`: what runs here, and how it is. */
export interface SystemPage extends ConsolePage {
  info: Info
  /** Null until it is asked for: it takes some seconds. */
  findings: readonly Told[] | null
}

/** What runs here, the doctor, and what to send along when asking for help. */
export const systemPages = ({ page }: Frame) => {
  const router = new Router({ prefix: '/admin/system' })

  const draw = async (visit: Visit, findings: readonly Told[] | null): Promise<void> =>
    visit.show<SystemPage>('admin/system', {
      info: await visit.run<Info>('system.info'),
      findings,
    })

  router.get(
    '/',
    page((visit) => draw(visit, null)),
  )
  router.get(
    '/doctor',
    page(async (visit) => {
      const { data } = await visit.run<{ data: readonly Told[] }>('system.doctor')
      // The API speaks English; who reads this may not.
      await draw(
        visit,
        data.map((each) => tell(visit.t, each)),
      )
    }),
  )
  router.get(
    '/bundle.json',
    page(async (visit) => {
      const bundle = await visit.run('system.bundle')
      visit.ctx.attachment('avouch-support.json')
      visit.ctx.type = 'json'
      visit.ctx.body = JSON.stringify(bundle, null, 2)
    }),
  )
  return router
}
