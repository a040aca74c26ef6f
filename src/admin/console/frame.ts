import { Readable } from 'node:stream'
import type { Context, Middleware } from 'koa'
import type { I18n } from '#src/lib/i18n.ts'
import type { Own, Translate } from '#src/lib/page.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Settings } from '#src/settings/contract.ts'
import { roleAllows } from '../access/policy.ts'
import {
  type Actor,
  type Executed,
  type Given,
  type Operation,
  type Origin,
  type Role,
  type Scope,
  scopes,
} from '../contract.ts'
import { faultWords } from './fault-words.ts'
import { type Fields, fieldsOf, readFields } from './fields.ts'
import { navigation } from './navigation.ts'
import type { ConsolePage, OwnConsole } from './pages.ts'
import type { Sessions } from './session.ts'
import { pageOf, resumePath, type Unsent } from './unsent.ts'

/** One request of an admin. */
export interface Visit {
  ctx: Context
  admin: { userId: string; name: string; role: Role }
  /** In a language that the console speaks. */
  t: Translate
  lang: string
  /** Whether this admin's role allows it. */
  may(scope: Scope): boolean
  /**
   * Runs an operation as this admin and returns its answer, of the type that its schema has.
   *
   * @throws Problem
   */
  run<T = unknown>(id: string, given?: Given): Promise<T>
  /**
   * Answers with the file that an operation streams.
   *
   * @throws Problem
   */
  send(id: string, given?: Given): Promise<void>
  show<P extends ConsolePage>(view: string, own: OwnConsole<P>, status?: number): void
  /** Sends the browser on, with a word of what was done: `admin.done-<done>`. */
  go(path: string, done?: string): void
}

export interface FrameDeps {
  pages: Pages
  i18n: I18n
  sessions: Sessions
  settings: () => Settings
  operations: readonly Operation[]
  execute: (operation: Operation, actor: Actor, given: Given, origin: Origin) => Promise<Executed>
}

/** Languages that the console speaks; hosted pages speak more. */
const languages = ['en', 'de']
const dones = ['saved', 'created', 'deleted', 'sent', 'ended', 'nothing'] as const

export const frame = (deps: FrameDeps) => {
  const { pages, i18n, sessions, settings, execute } = deps
  const operations = new Map(deps.operations.map((each) => [each.id, each]))
  const spoken = i18n.languages.filter(({ code }) => languages.includes(code))

  const speak = (ctx: Context): { lang: string; t: Translate } => {
    const lang = pages.languageOf(ctx, languages)
    return { lang, t: i18n.translator(lang) }
  }

  /** Draws a page of the console; `visit` is null where nobody is signed in. */
  const show = <P extends ConsolePage>(
    ctx: Context,
    view: string,
    own: OwnConsole<P>,
    status = 200,
    admin: Visit['admin'] | null = null,
  ): void => {
    const { lang, t } = speak(ctx)
    const { done } = ctx.query
    const problem: Problem | null = ctx.state.formProblem ?? null
    const given: Own<ConsolePage> = {
      lang,
      dir: 'ltr',
      t,
      languages: spoken,
      admin: admin && { name: admin.name, role: admin.role },
      nav: admin ? navigation(admin.role, ctx.path, t) : [],
      notice: !problem && dones.some((one) => one === done) ? t(`admin.done-${done}`) : null,
      warnings: admin ? warnings(settings(), t) : [],
      faults: faults(problem, t),
      labels: {},
      error: problem && {
        field: problem.errors[0]?.path ?? null,
        message: t(`problems.${problem.code}`, problem.values),
      },
    }
    pages.show<ConsolePage>(ctx, view, { ...given, ...own }, { status: problem?.status ?? status })
  }

  const visitOf = async (ctx: Context): Promise<Visit | null> => {
    const session = await sessions.read(ctx)
    if (!session?.role) return null
    const { userId, role, authenticatedAt } = session
    const admin = { userId, role, name: session.name ?? userId }
    const actor: Actor = {
      kind: 'person',
      id: userId,
      role,
      scopes: new Set(scopes.filter((scope) => roleAllows(role, scope))),
      authenticatedAt,
    }
    const executed = (id: string, given: Given = {}): Promise<Executed> => {
      const operation = operations.get(id)
      if (!operation) throw new Error(`There is no operation "${id}"`)
      const { address, reference } = ctx.state
      return execute(operation, actor, given, { address, reference })
    }
    return {
      ctx,
      admin,
      ...speak(ctx),
      may: (scope) => roleAllows(role, scope),
      run: async <T>(id: string, given?: Given) => (await executed(id, given)).body as T,
      async send(id, given) {
        const { stream } = await executed(id, given)
        if (!stream) throw new Error(`"${id}" streams nothing`)
        ctx.attachment(stream.filename)
        ctx.type = stream.type
        ctx.body = Readable.from(stream.chunks)
      },
      show: (view, own, status) => show(ctx, view, own, status, admin),
      go(path, done) {
        ctx.status = 303
        ctx.redirect(done ? `${path}${path.includes('?') ? '&' : '?'}done=${done}` : path)
      },
    }
  }

  const signInFirst = (ctx: Context, to: string, fresh = false): void => {
    ctx.status = 303
    ctx.redirect(`/admin/sign-in?${new URLSearchParams({ to, ...(fresh ? { fresh: '1' } : {}) })}`)
  }

  /** Whoever has to sign in before a form can be heard finds it again, and sends it once more. */
  const signInFor = async (ctx: Context, fresh: boolean): Promise<void> => {
    const form = ctx.is('urlencoded') ? String(ctx.request.body ?? '') : ''
    const unsent = { to: ctx.originalUrl, page: pageOf(ctx), body: form }
    const kept = await sessions.keepUnsent(ctx, unsent)
    signInFirst(ctx, kept ? resumePath : '/admin', fresh)
  }

  return {
    show,
    speak,

    /** A page for admins; whoever is not signed in is asked to, and comes back. */
    page:
      (draw: (visit: Visit) => Promise<void> | void): Middleware =>
      async (koa) => {
        const ctx = koa as unknown as Context
        const visit = await visitOf(ctx)
        if (!visit) return signInFirst(ctx, ctx.originalUrl)
        await draw(visit)
      },

    /**
     * What a form does. Where it can not be done, `again` draws its page once more with what was
     * typed; the problem is on it by itself.
     */
    form:
      (
        work: (visit: Visit, fields: Fields) => Promise<void>,
        again?: (visit: Visit, fields: Fields, problem: Problem) => Promise<void>,
      ): Middleware =>
      async (koa) => {
        const ctx = koa as unknown as Context
        const visit = await visitOf(ctx)
        const unsent: Unsent | undefined = ctx.state.unsent
        if (!visit) return unsent ? signInFirst(ctx, '/admin') : signInFor(ctx, false)
        if (unsent && !again) return visit.go(unsent.page, 'nothing')
        const fields = unsent ? fieldsOf(new URLSearchParams(unsent.body)) : readFields(ctx)
        try {
          if (unsent) throw new Problem('signed_in_again')
          await work(visit, fields)
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          if (error.code === 'step_up_required') return signInFor(ctx, true)
          if (!again || error.status >= 500 || error.code === 'not_found') throw error
          ctx.state.formProblem = error
          if (error.retryAfterSeconds) ctx.set('retry-after', String(error.retryAfterSeconds))
          await again(visit, fields, error)
        }
      },
  }
}

/** In the language of the page. */
const faults = (problem: Problem | null, t: Translate): Fault[] =>
  (problem?.errors ?? []).map((one) => ({ ...one, message: faultWords(t, one.message) }))

const warnings = ({ testIdentifiers }: Settings, t: Translate): string[] =>
  testIdentifiers.length > 0
    ? [t('admin.warn-test-identifiers', { count: testIdentifiers.length })]
    : []

export type Frame = ReturnType<typeof frame>
