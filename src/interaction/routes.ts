import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { backupCodesText } from '#src/verification/index.ts'
import { answerStep, isDone, wantsTrust } from './answer.ts'
import { readBrowser } from './browser.ts'
import { answersItself, decide } from './consent.ts'
import type { FlowDeps } from './deps.ts'
import { deliveryState, draw } from './draw.ts'
import type { Typed } from './drawing.ts'
import { savedBackupCodes } from './enrol.ts'
import { otherEnrolment } from './enrolment.ts'
import { type Due, lookAhead, settle } from './flow.ts'
import { type Form, readForm, typedIn } from './form.ts'
import { newsOfLink, takeUp } from './hand-over.ts'
import { chooseAccount, identify } from './identify.ts'
import { askForReset, drawLost, isAskedForSecond } from './lost.ts'
import { answerPasskey, isMade, passkeyOptions, skipPasskey } from './passkey.ts'
import { drawProblem } from './problem-page.ts'
import { register, setPassword } from './profile.ts'
import { readAbilities, readIntent } from './sign-in.ts'
import { startWay, wayNamed } from './start.ts'
import { readVisit, reread, type Visit } from './visit.ts'

const forms = [
  '/identify',
  '/start/:method',
  '/resend',
  '/verify/:method',
  '/profile',
  '/consent',
  '/lost',
  '/restart',
  '/passkey',
  '/skip',
]

/**
 * The pages of one sign-in. `GET` draws whatever step is due; every `POST` does one thing and sends
 * the browser back to `GET`, or on to the application when all is done.
 */
export const interactionRoutes = (deps: FlowDeps) => {
  const router = new Router({ prefix: '/interaction/:uid' })

  /** Says what goes wrong above the step that is due, with what was typed. */
  const orSay = async (visit: Visit, typed: Typed, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Problem) || endsHere(error)) throw error
      const again = await reread(deps, visit)
      if (hasMovedOn(visit, again)) {
        visit.ctx.status = 303
        visit.ctx.redirect(visit.base)
        return
      }
      const now = await lookAhead(deps, again)
      await draw(deps, now, { problem: error, typed })
      if (error.retryAfterSeconds) visit.ctx.set('retry-after', String(error.retryAfterSeconds))
    }
  }

  /** Does one thing, and goes on from there. */
  const post =
    (work: (due: Due, form: Form) => Promise<string | Visit | undefined>): Middleware =>
    async (koa) => {
      const ctx = koa as unknown as Context
      const visit = await readVisit(deps, ctx)
      const due = await lookAhead(deps, visit)
      const typed: Typed = {}
      await orSay(visit, typed, async () => {
        const fields = readForm(ctx)
        Object.assign(typed, typedIn(fields))
        const done = (await work(due, fields)) ?? (await reread(deps, visit))
        const location = typeof done === 'string' ? done : await onwards(deps, done)
        ctx.status = 303
        ctx.redirect(location)
      })
    }

  router.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      if (!(await drawProblem(deps, ctx, error))) throw error
    }
  })
  router.use(bodyParser({ enableTypes: ['form'], formLimit: '32kb', encoding: 'utf-8' }))

  router.get('/', async (ctx) => {
    const visit = await takeUp(deps, await readVisit(deps, ctx))
    if (answersItself(visit)) {
      ctx.status = 303
      ctx.redirect(await deps.interactions.allow(visit.interaction, []))
      return
    }
    const due = await lookAhead(deps, visit)
    if (wantsToChange(due)) {
      const kind = ctx.query.choose ? 'choose-account' : 'identify'
      await draw(deps, { ...due, step: { kind } }, { problem: null, typed: {} })
      return
    }
    if (ctx.query.lost !== undefined && isAskedForSecond(due)) {
      await drawLost(deps, due, { problem: null, typed: {} })
      return
    }
    await orSay(visit, {}, async () => {
      const settled = await settle(deps, visit)
      if (settled.location === null) {
        await draw(deps, await settled.due(), { problem: null, typed: {} })
        return
      }
      ctx.status = 303
      ctx.redirect(settled.location)
    })
  })

  // After a fault the address is that of the form, and may be typed again or kept.
  router.get(forms, async (ctx) => {
    ctx.status = 303
    ctx.redirect(`/interaction/${ctx.params.uid}`)
  })

  router.get('/state', async (ctx) => {
    const signIn = await deps.signIns.find(ctx.params.uid!)
    const ours = signIn?.browser.equals(readBrowser(deps, ctx).hash) === true
    const moved =
      ours &&
      (String(signIn.verifications.length) !== ctx.query.proven ||
        ((await newsOfLink(deps, signIn)) ?? '') !== (ctx.query.link ?? ''))
    ctx.body = {
      state: ours ? (moved ? 'moved' : 'waiting') : 'expired',
      delivery: ours ? await deliveryState(deps, { signIn }) : null,
    }
  })

  router.get('/backup-codes.txt', async (ctx) => {
    const { signIn, t, client } = await readVisit(deps, ctx)
    const codes = signIn?.pending.backupCodes
    if (!codes || !signIn.done.includes('totp')) throw new Problem('not_found')
    ctx.attachment('backup-codes.txt')
    ctx.type = 'text/plain; charset=utf-8'
    ctx.body = backupCodesText({
      t,
      application: client.client_name,
      account: signIn.identifier?.display ?? '',
      codes,
      createdAt: new Date(),
    })
  })

  router.post(
    '/identify',
    post(async ({ visit }, { account, identifier, region, mode, passkey_support }) => {
      const able = readAbilities(passkey_support)
      if (account === 'other') return `${visit.base}?change=1`
      if (account !== '') {
        const chosen = await chooseAccount(deps, visit, account, able)
        return chosen === 'stay' ? deps.interactions.keepAccount(visit.interaction) : undefined
      }
      const intent = readIntent(mode) ?? 'sign-in'
      return { ...visit, signIn: await identify(deps, visit, { identifier, region, intent, able }) }
    }),
  )

  router.post('/start/:method', async (ctx) =>
    post(async ({ visit, facts, step }) => {
      const method = String(ctx.params.method)
      const other = otherEnrolment(facts, step)
      if (other && method === other) {
        await deps.signIns.choose(visit.interaction.uid, other, null)
        return
      }
      const { way, second } = wayNamed(step, method)
      await startWay(deps, visit, way, second)
    })(ctx as never, async () => {}),
  )

  router.post(
    '/resend',
    post(async ({ visit, step }) => {
      if (step.kind !== 'verify') return
      await startWay(deps, visit, step.ways[0], step.second)
      return `${visit.base}?sent=1`
    }),
  )

  router.post('/verify/:method', async (ctx) =>
    post(async (due, { code, password, passkey, trust_device }) => {
      const { visit, step } = due
      const method = String(ctx.params.method)
      if (isDone(due, method)) return visit.base
      if (method === 'passkey') {
        if (isMade(due)) return visit.base
        return { ...visit, signIn: await answerPasskey(deps, due, passkey) }
      }
      const answer = method === 'password' ? password : code
      const signIn = await answerStep(deps, visit, step, method, answer)
      if (step.kind !== 'verify' || !step.mayTrust || trust_device !== 'on')
        return { ...visit, signIn }
      return { ...visit, signIn: await wantsTrust(deps, signIn) }
    })(ctx as never, async () => {}),
  )

  router.post(
    '/profile',
    post(async ({ visit, step }, fields) => {
      if (step.kind === 'profile') await register(deps, visit, step.fields, fields)
      else if (step.kind === 'new-password') {
        await setPassword(deps, visit, step.reason, fields.new_password)
      } else if (step.kind === 'backup-codes') {
        await savedBackupCodes(deps, visit, fields.saved === 'on')
      }
    }),
  )

  router.post(
    '/consent',
    post(async ({ visit, step }, { decision }) => {
      if (step.kind === 'consent') return decide(deps, visit, decision)
    }),
  )

  router.post(
    '/skip',
    post((due, { decision }) => skipPasskey(deps, due, decision)),
  )

  router.post('/passkey', async (koa) => {
    const ctx = koa as unknown as Context
    const due = await lookAhead(deps, await readVisit(deps, ctx))
    ctx.body = await passkeyOptions(deps, due, ctx.query.quiet === '1')
  })

  router.post(
    '/lost',
    post((due) => askForReset(deps, due)),
  )

  router.post('/restart', async (ctx) => {
    const location = await deps.interactions.restart.url(ctx.params.uid!)
    if (!location) throw new Problem('interaction_expired')
    ctx.status = 303
    ctx.redirect(location)
  })

  return [router.routes(), router.allowedMethods()] as unknown as Middleware[]
}

/** Where a POST leads: on, or back to the page of what is due now. */
const onwards = async (deps: FlowDeps, visit: Visit): Promise<string> =>
  (await settle(deps, visit)).location ?? visit.base

/** The person may look at another identifier as long as nothing has been proven. */
const wantsToChange = ({ visit, facts }: Due): boolean => {
  const { change, mode, choose } = visit.ctx.query
  const open = facts.proofs.length === 0 && facts.prompt !== 'consent'
  return open && [change, mode, choose].some((value) => value !== undefined)
}

/** Of a double click the first has done it, and the second has nothing to complain about. */
const hasMovedOn = ({ signIn: before }: Visit, { signIn: now }: Visit): boolean =>
  (now?.verifications.length ?? 0) > (before?.verifications.length ?? 0)

/** What no other answer on the same page would mend. */
const endsHere = ({ code }: Problem): boolean =>
  ['interaction_expired', 'foreign_interaction', 'sign_in_blocked', 'unavailable'].includes(code)
