import type { Middleware } from 'koa'

/**
 * One part of the site, loaded when something in it is first asked for: whoever only signs in pays
 * nothing for it, neither in memory nor by looking through its routes.
 *
 * @param prefix such as `/admin`
 */
export const below = (prefix: string, load: () => Promise<Middleware>): Middleware => {
  let loading: Promise<Middleware> | null = null
  return async (ctx, next) => {
    if (ctx.path !== prefix && !ctx.path.startsWith(`${prefix}/`)) return next()
    loading ??= load().catch((error: unknown) => {
      loading = null
      throw error
    })
    const part = await loading
    await part(ctx, next)
  }
}
