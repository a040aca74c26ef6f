import type { Context, Middleware } from 'koa'

/** A form that came when its admin had to sign in again first: nothing of it was done. */
export interface Unsent {
  /** Where it was sent, with the query. */
  to: string
  /** The page that it was on. */
  page: string
  /** As a browser sends it (`application/x-www-form-urlencoded`). */
  body: string
}

export const resumePath = '/admin/resume'

const inConsole = /^\/admin(?:\/[\w./%~-]*)?(?:\?[\w.=&%+~-]*)?$/

/** An address of the console that somebody has named; whatever else it is, its first page. */
export const readTo = (to: unknown): string =>
  typeof to === 'string' && inConsole.test(to) && !to.includes('//') ? to : '/admin'

/** The page that a form was on. */
export const pageOf = (ctx: Context): string => {
  const { pathname, search } = URL.parse(ctx.get('referer')) ?? { pathname: '', search: '' }
  return readTo(pathname + search)
}

/**
 * Back from signing in again, the page of a form is drawn as after a fault, with what was typed. That
 * takes the route that the form was sent to, which then does nothing but that.
 */
export const resumeUnsent =
  (
    sessions: { takeUnsent(ctx: Context): Promise<Unsent | null> },
    routes: Middleware,
  ): Middleware =>
  async (koa, next) => {
    const ctx = koa as unknown as Context
    const unsent = await sessions.takeUnsent(ctx)
    if (!unsent) {
      ctx.status = 303
      ctx.redirect('/admin')
      return
    }
    ctx.state.unsent = unsent
    ctx.method = 'POST'
    ctx.url = unsent.to
    await routes(koa, next)
  }
