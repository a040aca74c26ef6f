import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { describeAgent } from '#src/lib/agent.ts'
import type { LinkMode } from '#src/settings/contract.ts'
import { maskIdentifier } from '#src/users/index.ts'
import type { Messages } from '#src/verification/index.ts'
import { remember } from './answer.ts'
import { readBrowser } from './browser.ts'
import type { FlowDeps } from './deps.ts'
import type { LinkPage } from './pages.ts'
import type { SignIn } from './sign-in.ts'
import { originOf } from './visit.ts'

type Challenge = NonNullable<Awaited<ReturnType<Messages['findLink']>>>

interface Landing {
  token: string
  challenge: Challenge | null
  /** Null where it is over, or has come to be about somebody else. */
  signIn: SignIn | null
  /** The browser that asked for the link. */
  asker: boolean
  linkMode: LinkMode
}

/**
 * Where links lead. Looking changes nothing, since mail scanners look, run scripts and press
 * buttons: only the browser that began the sign-in can spend the link. Any other is shown the code
 * of the same message, to be typed where the sign-in began, or nothing if the client wants so.
 */
export const linkRoutes = (deps: FlowDeps) => {
  const router = new Router({ prefix: '/l/:token' })
  const { messages } = deps.verifications

  const land = async (ctx: Context): Promise<Landing> => {
    const token = String(ctx.params.token)
    const challenge = /^[\w-]{22,43}$/.test(token) ? await messages.findLink(token) : null
    const signIn = challenge ? await signInOf(deps, challenge) : null
    const asker = signIn?.browser.equals(readBrowser(deps, ctx).hash) === true
    const client = signIn && !asker ? await deps.findClient(await clientOf(deps, signIn)) : null
    const linkMode = client?.link_mode ?? deps.settings().signIn.linkMode
    return { token, challenge, signIn, asker, linkMode }
  }

  const show = (ctx: Context, landing: Landing, code: string | null) => {
    const { challenge, signIn, asker, linkMode } = landing
    const open = challenge?.state === 'open' && signIn !== null
    const state = !challenge
      ? 'unknown'
      : !open
        ? challenge.state === 'used'
          ? 'used'
          : 'expired'
        : asker
          ? 'continue'
          : linkMode === 'same_browser'
            ? 'same-browser'
            : code
              ? 'code'
              : 'handoff'
    deps.pages.show<LinkPage>(
      ctx,
      'link',
      {
        state,
        action: ctx.path,
        identifier: challenge
          ? ((asker ? signIn?.identifier?.display : maskIdentifier(challenge.identifier)) ?? null)
          : null,
        code: state === 'code' ? code : null,
        requester:
          signIn?.agent && challenge
            ? {
                browser: describeAgent(signIn.agent),
                minutesAgo: Math.floor(challenge.ageMs / 60_000),
              }
            : null,
      },
      { status: state === 'unknown' ? 404 : state === 'used' || state === 'expired' ? 410 : 200 },
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
    show(ctx, landing, null)
  })

  router.post('/', bodyParser({ enableTypes: ['form'], formLimit: '4kb' }), async (ctx) => {
    const landing = await land(ctx)
    const { token, challenge, signIn, asker } = landing
    if (challenge?.state !== 'open' || !signIn || !asker) {
      show(ctx, landing, challenge?.state === 'open' ? messages.codeOf(token) : null)
      return
    }
    const spent = await messages.spendLink(token)
    if (spent) await remember(deps, signIn, spent.verification, originOf(ctx))
    ctx.status = 303
    ctx.redirect(`/interaction/${challenge.interactionUid}`)
  })

  return [router.routes(), router.allowedMethods()] as unknown as Middleware[]
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
const signInOf = async (
  deps: FlowDeps,
  { interactionUid, identifier: { type, value } }: Challenge,
): Promise<SignIn | null> => {
  const signIn = await deps.signIns.find(interactionUid)
  if (!signIn) return null
  const account = signIn.userId ? await deps.users.find(signIn.userId) : null
  const own = account?.identifiers ?? [signIn.identifier]
  return own.some((one) => one?.type === type && one.value === value) ? signIn : null
}
