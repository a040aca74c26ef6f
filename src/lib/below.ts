import type { Middleware } from 'koa'

/**
 * One part of the site, loaded when something in it is first asked for: whoever only signs in pays
 * nothing for it, neither in memory nor by looking through its routes.
 *
 * @param places where it is, such as `/admin`: that and everything below it
 */
export const below = (places: readonly string[], load: () => Promise<Middleware>): Middleware => {
  const has = (path: string) =>
    places.some((place) => path === place || path.startsWith(`${place}/`))
  let loading: Promise<Middleware> | null = null
  return async (ctx, next) => {
    if (!has(ctx.path)) return next()
    loading ??= load().catch((error: unknown) => {
      loading = null
      throw error
    })
    const part = await loading
    await part(ctx, next)
  }
}
