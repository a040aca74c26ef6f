import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import type { FlowDeps } from './deps.ts'
import type { ErrorPage, ExpiredPage } from './pages.ts'

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
  const { t } = pages.language(ctx)
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
  pages.show<ErrorPage>(
    ctx,
    'error',
    {
      status: error.status,
      title: t(`error.title.${titles.has(error.code) ? error.code : 'other'}`),
      text: t(`problems.${error.code}`, error.values),
      reference: ctx.state.reference,
      restartHref: null,
      detail: [],
    },
    { status: error.status },
  )
  return true
}

const titles = new Set(['foreign_interaction', 'sign_in_blocked', 'not_found'])
