import type { Context } from 'koa'
import type { ErrorPage } from './page.ts'
import type { Problem, ProblemCode } from './problem.ts'
import type { Pages } from './show.ts'

/** Problems that have a heading of their own, `error.title.<code>`. */
const titled: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'not_found',
  'foreign_interaction',
  'sign_in_blocked',
  'too_many_requests',
  'busy',
  'unavailable',
  'internal',
])

/** Draws a problem as a page of its own: what happened, what to do, and the reference. */
export const drawProblemPage = (
  { language, show }: Pages,
  ctx: Context,
  problem: Problem,
): void => {
  const { t } = language(ctx)
  show<ErrorPage>(
    ctx,
    'error',
    {
      status: problem.status,
      title: t(`error.title.${titled.has(problem.code) ? problem.code : 'other'}`),
      text: t(`problems.${problem.code}`, problem.values),
      reference: ctx.state.reference,
      restartHref: null,
      detail: [],
    },
    { status: problem.status },
  )
}
