import type { Context, Middleware } from 'koa'
import type { Own as OwnModel, Translate } from '#src/lib/page.ts'
import { Problem } from '#src/lib/problem.ts'
import type { BrowserSession } from '#src/oidc/index.ts'
import { signInPath } from './access/relying-party.ts'
import { readWayBack, type WayBack } from './access/return-address.ts'
import { type Actor, type Operation, type Run, scopes } from './contract.ts'
import type { AccountDeps } from './deps.ts'
import { type Done, isDone, offersToEndOthers } from './done.ts'
import { draftRepository } from './draft-repository.ts'
import { type Fields, readFields } from './fields.ts'
import { type StepUp, stepUpOf } from './fresh.ts'
import { type Own, readOwn } from './own.ts'
import type { AccountPage } from './pages.ts'

/** One request of somebody who is signed in. */
export interface Visit {
  ctx: Context
  session: BrowserSession
  own: Own
  lang: string
  t: Translate
  show<P extends AccountPage>(view: string, own: Drawn<P>): void
  run(operation: Operation, given?: Parameters<Run>[2]): Promise<unknown>
  go(path: string, done?: Done): void
}

type Drawn<P extends AccountPage> = Omit<OwnModel<P>, keyof AccountPage>

export interface FormSpec {
  /** Draws the page, with what was typed. */
  draw(visit: Visit, typed: Fields): Promise<void> | void
  work(visit: Visit, fields: Fields): Promise<void>
  /** Fields that may be shown again; passwords and codes never are. */
  keep?: readonly string[]
}

export type Frame = ReturnType<typeof frame>

export const frame = (deps: AccountDeps, run: Run) => {
  const { baseUrl, pages } = deps

  const show = <P extends AccountPage>(
    ctx: Context,
    view: string,
    own: Drawn<P>,
    wayBack: WayBack | null = null,
    status = 200,
  ): void => {
    const problem: Problem | null = ctx.state.formProblem ?? null
    const { t } = pages.language(ctx)
    const done = !problem && isDone(ctx.query.done) ? ctx.query.done : null
    const given = {
      notice: done && t(`account.done-${done}`),
      elsewhereHref: done && offersToEndOthers(done) ? '/account/sessions/end-others' : null,
      wayBack,
      error: problem && {
        field: problem.field ?? problem.errors[0]?.path ?? null,
        message: t(`problems.${problem.code}`, problem.values),
      },
    }
    ctx.state.page = ctx.path
    pages.show<P>(ctx, view, { ...given, ...own } as unknown as OwnModel<P>, {
      status: problem?.status ?? status,
    })
  }

  const signIn = (ctx: Context, to: string, asked: StepUp | null): void => {
    ctx.status = 303
    ctx.redirect(signInPath(baseUrl, { to, language: pages.language(ctx).code, asked }))
  }

  /** Whoever is signed in, by as much as a sign-in here takes: others may ask for less. */
  const readVisit = async (ctx: Context): Promise<Visit | null> => {
    const session = await deps.readSession(ctx)
    if (!session) return null
    const own = await readOwn(deps.db, session.userId)
    const { userId, factors } = session
    const setUp = { totp: own.ways.totp, passkey: own.ways.passkeys > 0 }
    const somebody = { userId, roles: own.roles, setUp, factors }
    if (await deps.lacksSecondFactor(ctx, somebody, null)) return null
    const wayBack = await readWayBack(deps, ctx)
    // What was chosen on this browser goes before what the account says.
    const { code: lang, t } = pages.language(ctx, rememberedLanguage(ctx) ? '' : (own.locale ?? ''))
    const actor: Actor = {
      kind: 'person',
      id: session.userId,
      sessionUid: session.uid,
      clientId: null,
      scopes: new Set(scopes),
      signedInAt: session.signedInAt,
      acr: null,
      factors,
      locale: lang,
    }
    const { address, reference } = ctx.state
    return {
      ctx,
      session,
      own,
      lang,
      t,
      show: (view, drawn) => show(ctx, view, drawn, wayBack),
      run: async (operation, given = {}) =>
        (await run(operation, actor, given, { address, reference })).body,
      go(path, done) {
        ctx.status = 303
        ctx.redirect(done ? `${path}?done=${done}` : path)
      },
    }
  }

  /** Anybody else is sent to sign in, and comes back. */
  const visitOf = async (ctx: Context): Promise<Visit | null> => {
    const visit = await readVisit(ctx)
    if (!visit) signIn(ctx, ctx.method === 'GET' ? ctx.originalUrl : ctx.path, null)
    return visit
  }

  const drafts = draftRepository(deps.db, deps.keys)

  /** What somebody had typed when they were sent to prove more. */
  const takeTyped = async ({ ctx, session }: Visit): Promise<Fields> => {
    const kept = await drafts.take<{ path: string; fields: Fields }>(session.uid, 'typed')
    return kept?.path === ctx.path ? kept.fields : {}
  }

  return {
    show,

    /** A page to look at. */
    page:
      (draw: (visit: Visit) => Promise<void> | void): Middleware =>
      async (koa) => {
        const visit = await visitOf(koa as unknown as Context)
        if (visit) await draw(visit)
      },

    /** A page that something is changed from: asks for a fresh sign-in before anything is typed. */
    form:
      ({ draw }: FormSpec): Middleware =>
      async (koa) => {
        const ctx = koa as unknown as Context
        const visit = await visitOf(ctx)
        if (!visit) return
        const asked = stepUpOf(deps, { ...visit.session, acr: null }, visit.own.ways)
        if (asked) return signIn(ctx, ctx.originalUrl, asked)
        await draw(visit, await takeTyped(visit))
      },

    /** For a script of a page: JSON, or a problem. */
    answer:
      (make: (visit: Visit) => Promise<unknown>): Middleware =>
      async (koa) => {
        const ctx = koa as unknown as Context
        ctx.state.program = true
        const visit = await readVisit(ctx)
        if (!visit) throw new Problem('unauthenticated')
        ctx.body = await make(visit)
      },

    /** What its form does. Where it can not be done, the page is drawn again and says why. */
    submit:
      ({ draw, work, keep = [] }: FormSpec): Middleware =>
      async (koa) => {
        const ctx = koa as unknown as Context
        const visit = await visitOf(ctx)
        if (!visit) return
        const fields = readFields(ctx)
        const typed = Object.fromEntries(keep.map((name) => [name, fields[name] ?? '']))
        try {
          await work(visit, fields)
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          if (error.code === 'insufficient_user_authentication') {
            await drafts.keep(visit.session.uid, 'typed', { path: ctx.path, fields: typed })
            return signIn(ctx, ctx.path, error.values as unknown as StepUp)
          }
          if (error.status >= 500 || error.code === 'not_found') throw error
          ctx.state.formProblem = error
          if (error.retryAfterSeconds) ctx.set('retry-after', String(error.retryAfterSeconds))
          await draw(visit, typed)
        }
      },
  }
}

const rememberedLanguage = (ctx: Context): string | undefined =>
  ctx.cookies.get(ctx.secure ? '__Host-avouch_lang' : 'avouch_lang', { signed: false })
