import type { Context } from 'koa'
import type { ErrorPage, Translate } from './page.ts'
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

/** What a page of its own says of a problem: what happened, and what to do. */
export const problemWords = (
  t: Translate,
  { code, values }: Pick<Problem, 'code'> & Partial<Pick<Problem, 'values'>>,
): Pick<ErrorPage, 'title' | 'text'> => ({
  title: t(`error.title.${titled.has(code) ? code : 'other'}`),
  text: t(`problems.${code}`, values),
})

/**
 * Draws a problem as a page of its own: what happened, what to do, and the reference. Whoever has a
 * better place to go to names it in `ctx.state.back`, with the key of its words.
 */
export const drawProblemPage = (
  { language, show }: Pages,
  ctx: Context,
  problem: Problem,
): void => {
  const { t } = language(ctx)
  const { back } = ctx.state
  show<ErrorPage>(
    ctx,
    'error',
    {
      status: problem.status,
      ...problemWords(t, problem),
      reference: ctx.state.reference,
      restartHref: null,
      detail: [],
      ...(back ? { back: { href: back.href, label: t(back.label) } } : {}),
    },
    { status: problem.status },
  )
}
