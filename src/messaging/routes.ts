import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { MessagingService } from './messaging.ts'

/** Where vendors say what became of a message. They have no session; what they say is signed. */
export const receiptRoutes = ({ receipt }: Pick<MessagingService, 'receipt'>): Middleware[] => {
  const router = new Router()
  router.post(
    '/connectors/:id/receipt',
    async (ctx, next) => {
      ctx.state.program = true
      await next()
    },
    bodyParser({ enableTypes: ['form'], formLimit: '16kb', encoding: 'utf-8' }),
    async (ctx) => {
      const delivery = ctx.query.delivery
      const taken = await receipt({
        id: ctx.params.id ?? '',
        delivery: typeof delivery === 'string' ? delivery : null,
        path: ctx.req.url ?? ctx.url,
        header: (name) => ctx.get(name),
        body: ctx.request.rawBody ?? '',
      })
      ctx.status = taken ? 204 : 403
    },
  )
  return [router.routes()] as unknown as Middleware[]
}
