import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { drawProblemPage } from '#src/lib/problem-page.ts'
import type { FlowDeps } from './deps.ts'
import type { ExpiredPage } from './pages.ts'

/**
 * Draws what ends a sign-in, with a way to begin again where the request is known.
 *
 * @returns false for what is no problem of a sign-in
 */
export const drawProblem = async (
  { pages, interactions }: Pick<FlowDeps, 'pages' | 'interactions'>,
  ctx: Context,
  error: unknown,
): Promise<boolean> => {
  if (!(error instanceof Problem) || error.status >= 500) return false
  const uid = String(ctx.params.uid)
  ctx.state.page = `/interaction/${uid}`
  if (error.code === 'interaction_expired') {
    const restart = (await interactions.restartUrl(uid)) !== null
    pages.show<ExpiredPage>(
      ctx,
      'interaction/expired',
      { base: ctx.state.page, restart },
      { status: 410 },
    )
    return true
  }
  drawProblemPage(pages, ctx, error)
  return true
}
