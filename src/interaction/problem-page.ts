import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { drawProblemPage } from '#src/lib/problem-page.ts'
import { readBrowser } from './browser.ts'
import type { FlowDeps } from './deps.ts'
import type { ExpiredPage } from './pages.ts'

/**
 * Draws what ends a sign-in, with a way to begin again where the request is known.
 *
 * @returns false for what is no problem of a sign-in
 */
export const drawProblem = async (
  deps: FlowDeps,
  ctx: Context,
  error: unknown,
): Promise<boolean> => {
  if (!(error instanceof Problem) || error.status >= 500) return false
  const uid = String(ctx.params.uid)
  ctx.state.page = `/interaction/${uid}`
  if (error.code === 'interaction_expired') {
    const restart = await deps.interactions.restart.isPossible(uid)
    deps.pages.show<ExpiredPage>(
      ctx,
      'interaction/expired',
      { base: ctx.state.page, restart, over: await isOver(deps, ctx, uid) },
      { status: 410 },
    )
    return true
  }
  drawProblemPage(deps.pages, ctx, error)
  return true
}

/** The person has gone on in another tab: this one waited for the link, or was left open. */
const isOver = async (deps: FlowDeps, ctx: Context, uid: string): Promise<boolean> => {
  const signIn = await deps.signIns.find(uid)
  if (!signIn?.userId || signIn.verifications.length === 0) return false
  return signIn.browser.equals(readBrowser(deps, ctx).hash)
}
