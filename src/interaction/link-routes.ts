import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { Client } from '#src/clients/index.ts'
import { describeAgent } from '#src/lib/agent.ts'
import { Problem } from '#src/lib/problem.ts'
import { maskIdentifier } from '#src/users/index.ts'
import type { Challenge } from '#src/verification/index.ts'
import { remember } from './answer.ts'
import { readBrowser } from './browser.ts'
import type { FlowDeps } from './deps.ts'
import { errorOf } from './drawing.ts'
import { answerOpened, initiateLogin, isAbout } from './hand-over.ts'
import { type Landing, landingState, linkModeOf, maySignInHere } from './link-mode.ts'
import type { LinkPage } from './pages.ts'
import type { SignIn } from './sign-in.ts'
import { originOf } from './visit.ts'

/** What a page of a link shows beyond what is known of the link. */
interface Shown {
  state?: LinkPage['state']
  code?: string
  problem?: Problem
}

/**
 * Where links lead. Looking changes nothing, since mail scanners look, run scripts and press
 * buttons: only the browser that began the sign-in can spend the link. Any other is shown the code
 * of the same message, or whatever else the client wants: see {@link linkModeOf}.
 */
export const linkRoutes = (deps: FlowDeps) => {
  const router = new Router({ prefix: '/l/:token' })
  const { messages } = deps.verifications

  const land = async (ctx: Context): Promise<Landing & { client: Client | null }> => {
    const token = String(ctx.params.token)
    const challenge = /^[\w-]{22,43}$/.test(token) ? await messages.findLink(token) : null
    const signIn = challenge ? await signInOf(deps, challenge) : null
    const asker = signIn?.browser.equals(readBrowser(deps, ctx).hash) === true
    const client = signIn && !asker ? await deps.findClient(await clientOf(deps, signIn)) : null
    const linkMode = linkModeOf(client, deps.settings().signIn)
    return { challenge, signIn, asker, linkMode, client }
  }

  const show = (
    ctx: Context,
    landing: Landing & { client: Client | null },
    { state = landingState(landing), code, problem }: Shown = {},
  ) => {
    const { challenge, signIn, asker, client } = landing
    const { t } = deps.pages.language(ctx)
    const own = signIn?.identifier?.display ?? null
    deps.pages.show<LinkPage>(
      ctx,
      'link',
      {
        state,
        action: ctx.path,
        identifier: challenge && (asker ? own : maskIdentifier(challenge.identifier)),
        code: code ?? null,
        // In full: it could be the account of somebody else, who has passed on a link of their own.
        instead: maySignInHere(landing)
          ? { identifier: own ?? '', app: client?.client_name ?? '' }
          : null,
        requester:
          signIn?.agent && challenge
            ? {
                browser: describeAgent(signIn.agent),
                minutesAgo: Math.floor(challenge.ageMs / 60_000),
              }
            : null,
        error: problem ? errorOf(problem, t) : null,
      },
      { status: problem?.status ?? statusOf(state) },
    )
  }

  router.use(async (ctx, next) => {
    ctx.set('referrer-policy', 'no-referrer')
    await next()
  })

  router.get('/', async (ctx) => {
    const landing = await land(ctx)
    // Opened again after it was used here: the sign-in has moved on, and so does this tab.
    if (landing.asker && landing.challenge?.state === 'used') {
      ctx.status = 303
      ctx.redirect(`/interaction/${landing.challenge.interactionUid}`)
      return
    }
    if (ctx.method === 'GET') await noteOpened(deps, ctx, landing)
    show(ctx, landing)
  })

  router.post('/', bodyParser({ enableTypes: ['form'], formLimit: '4kb' }), async (ctx) => {
    const landing = await land(ctx)
    const { challenge, signIn, client } = landing
    const token = String(ctx.params.token)
    const state = landingState(landing)
    if (!challenge || !signIn) return show(ctx, landing)
    const typed = readTyped(ctx)
    try {
      if (state === 'continue') {
        const spent = await messages.spendLink(token)
        if (spent) await remember(deps, signIn, spent.verification, originOf(ctx))
        ctx.status = 303
        ctx.redirect(`/interaction/${challenge.interactionUid}`)
      } else if (state === 'number') {
        const visit = { challenge, signIn, origin: originOf(ctx) }
        await answerOpened(deps, visit, typed)
        show(ctx, await land(ctx))
      } else if (typed.code !== null && maySignInHere(landing)) {
        const { hash } = readBrowser(deps, ctx)
        await messages.handovers.carry(challenge, typed.code, hash)
        ctx.status = 303
        ctx.redirect(initiateLogin(client!, deps.issuer, signIn))
      } else if (state === 'handoff') {
        show(ctx, landing, { state: 'code', code: messages.codeOf(token) })
      } else show(ctx, landing)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      show(ctx, await land(ctx), { problem: error })
    }
  })

  return [router.routes(), router.allowedMethods()] as unknown as Middleware[]
}

const statusOf = (state: LinkPage['state']): number =>
  state === 'unknown' ? 404 : state === 'used' || state === 'expired' ? 410 : 200

interface Typed {
  /** Null: there was no field for it. */
  code: string | null
  number: string
  denied: boolean
}

const readTyped = ({ request }: Context): Typed => {
  const { code, number, decision } = (request.body ?? {}) as Record<string, unknown>
  return {
    code: typeof code === 'string' ? code : null,
    number: typeof number === 'string' ? number : '',
    denied: decision === 'deny',
  }
}

/** Once for each message, and for each of the two kinds of browsers. */
const noteOpened = async (
  { audit }: FlowDeps,
  ctx: Context,
  { challenge, signIn, asker }: Landing,
): Promise<void> => {
  if (challenge?.state !== 'open' || !signIn) return
  await audit.addOnce({
    event: 'link.opened',
    interactionUid: signIn.uid,
    clientId: signIn.clientId,
    channel: challenge.channel,
    result: asker ? 'same_browser' : 'other_browser',
    target: challenge.id,
    ...originOf(ctx),
  })
}

const clientOf = async ({ interactions }: FlowDeps, { uid }: SignIn): Promise<string> =>
  (await interactions.clientOf(uid)) ?? ''

/**
 * The sign-in that a link belongs to. Whoever has begun anew with another identifier meanwhile can
 * not go on with what was sent to the first.
 */
const signInOf = async (deps: FlowDeps, challenge: Challenge): Promise<SignIn | null> => {
  const signIn = await deps.signIns.find(challenge.interactionUid)
  return signIn && (await isAbout(deps, signIn, challenge)) ? signIn : null
}
