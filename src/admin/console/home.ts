import Router from '@koa/router'
import type { Frame } from './frame.ts'

/** Where an admin begins. */
export const homePages = ({ page }: Frame) => {
  const router = new Router({ prefix: '/admin' })
  router.get(
    '/',
    page(({ show }) => show('admin/home', {})),
  )
  return router
}
