import { Problem } from '#src/lib/problem.ts'
import { limitKey, maskIdentifier } from '#src/users/index.ts'
import { passwordLength } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { drawConsent } from './draw-consent.ts'
import { drawEnrolment } from './draw-enrolment.ts'
import { drawChooser, drawIdentify } from './draw-identify.ts'
import { drawNewPasskey, drawPasskey, otherWay, passkeyUse } from './draw-passkey.ts'
import { common, type Drawing, isRemembered, shown, whoSignsIn } from './drawing.ts'
import type { Due } from './flow.ts'
import { newsOfLink } from './hand-over.ts'
import { mayBeDecoy } from './identify.ts'
import { linkModeOf } from './link-mode.ts'
import type { Alternative, CodePage, NewPasswordPage, PasswordPage, ProfilePage } from './pages.ts'
import type { Step, Way } from './policy.ts'
import type { Visit } from './visit.ts'

/** Draws the page of the step that is due. */
export const draw = async (deps: FlowDeps, due: Due, drawing: Drawing): Promise<void> => {
  const { visit, step } = due
  visit.ctx.state.page = visit.base
  switch (step.kind) {
    case 'consent':
      return drawConsent(deps, visit, drawing)
    case 'choose-account':
      return drawChooser(deps, due, drawing)
    case 'identify':
      return drawIdentify(deps, due, drawing)
    case 'verify':
      return drawWay(deps, due, step, drawing)
    case 'profile':
      return drawProfile(deps, visit, step, drawing)
    case 'new-password':
      return deps.pages.show<NewPasswordPage>(
        visit.ctx,
        'interaction/new-password',
        {
          ...common(visit, drawing),
          identifier: visit.signIn?.identifier?.display ?? '',
          minLength: passwordLength(deps.settings(), visit.client.second_factor),
          reason: step.reason,
          passkey: passkeyUse(deps, due, drawing),
          alternatives: otherWay(due),
        },
        shown(visit, drawing),
      )
    case 'enroll-totp':
    case 'backup-codes':
      return drawEnrolment(deps, due, step.kind, drawing)
    case 'enroll-passkey':
    case 'offer-passkey':
      return drawNewPasskey(deps, due, step.kind, drawing)
    case 'blocked':
      throw new Problem('sign_in_blocked')
    default:
      // Another tab, or a second click, has gone on from here.
      throw new Problem('interaction_expired')
  }
}

/** Where a message goes: as it was typed by this person a moment ago, masked otherwise. */
const destinationOf = ({ signIn }: Visit, { identifier }: Way): string | null => {
  if (!identifier) return null
  const typed = signIn?.identifier
  const own = typed?.type === identifier.type && typed.value === identifier.value
  return own && !isRemembered(signIn!) ? identifier.display : maskIdentifier(identifier)
}

const alternatives = (visit: Visit, [, ...others]: readonly Way[]): Alternative[] =>
  others.map((way) => ({ method: way.method, destination: destinationOf(visit, way) }))

type VerifyStep = Extract<Step, { kind: 'verify' }>

const drawWay = async (deps: FlowDeps, due: Due, step: VerifyStep, drawing: Drawing) => {
  switch (step.ways[0].method) {
    case 'password':
      return drawPassword(deps, due, step, drawing)
    case 'passkey':
      return drawPasskey(deps, due, alternatives(due.visit, step.ways), drawing)
    default:
      return drawCode(deps, due, step, drawing)
  }
}

/** As long as nothing is proven it may be somebody else. */
const changeHref = ({ visit, facts }: Due): string | null =>
  facts.proofs.length === 0 ? `${visit.base}?change=1` : null

const lostHref = ({ base }: Visit, { second }: VerifyStep): string | null =>
  second ? `${base}?lost=1` : null

const drawPassword = (deps: FlowDeps, due: Due, step: VerifyStep, drawing: Drawing) => {
  const { visit } = due
  deps.pages.show<PasswordPage>(
    visit.ctx,
    'interaction/password',
    {
      ...common(visit, drawing),
      identifier: whoSignsIn(visit),
      username: visit.signIn && isRemembered(visit.signIn) ? null : whoSignsIn(visit),
      changeHref: changeHref(due),
      passkey: passkeyUse(deps, due, drawing),
      resetHref: changeHref(due) && `${visit.base}?mode=reset`,
      alternatives: alternatives(visit, step.ways),
      lostHref: lostHref(visit, step),
    },
    shown(visit, drawing),
  )
}

const drawCode = async (deps: FlowDeps, due: Due, step: VerifyStep, drawing: Drawing) => {
  const { visit } = due
  const [way] = step.ways
  const { codes, signIn: experience } = deps.settings()
  const { signIn, ctx, base } = visit
  const sends = way.channel !== null && way.identifier !== null
  const email = way.channel === 'email'
  const seconds = email ? codes.emailTtlSeconds : codes.smsTtlSeconds
  // Where it is too early for a message, none has gone out.
  const isStarted = signIn?.method === way.method
  const linkTtl = way.method === 'sms-link' ? codes.smsLinkTtlSeconds : seconds
  const hasLink = way.method === 'sms-link' || (email && experience.methods.includes('email-link'))
  const news = hasLink && signIn ? await newsOfLink(deps, signIn) : null
  deps.pages.show<CodePage>(
    ctx,
    'interaction/code',
    {
      ...common(visit, drawing),
      method: sends ? (email ? 'email-code' : 'sms-code') : (way.method as 'totp' | 'backup-code'),
      second: step.second,
      destination: destinationOf(visit, way),
      length: way.method === 'totp' ? 6 : codes.length,
      ttlMinutes: Math.round(linkTtl / 60),
      hasLink,
      number:
        hasLink && linkModeOf(visit.client, experience) === 'number_match'
          ? deps.verifications.messages.handovers.numberOf(visit.interaction.uid, way.identifier!)
          : null,
      linkNews: news === 'approved' ? null : news,
      delivery: sends ? (isStarted ? await deliveryState(deps, visit) : 'failed') : null,
      resendAfterSeconds: sends ? await resendAfter(deps, visit, way) : null,
      resent: ctx.query.sent === '1' && drawing.problem === null,
      statePath: `${base}/state?proven=${signIn?.verifications.length ?? 0}${news ? `&link=${news}` : ''}`,
      changeHref: changeHref(due),
      passkey: passkeyUse(deps, due, drawing),
      alternatives: alternatives(visit, step.ways),
      trustDays: step.mayTrust ? deps.trustedBrowsers.days() : null,
      lostHref: lostHref(visit, step),
    },
    shown(visit, drawing),
  )
}

/** Known where its message was sent; otherwise another sign-in has taken the budget. */
const resendAfter = async (deps: FlowDeps, { signIn }: Visit, way: Way): Promise<number> =>
  signIn?.method === way.method
    ? signIn.resendAfterSeconds
    : deps.limits.sendWait(limitKey(way.identifier!))

/** Where a decoy is possible, all messages look like one: taken. */
export const deliveryState = async (
  deps: FlowDeps,
  { signIn }: Pick<Visit, 'signIn'>,
): Promise<CodePage['delivery']> => {
  if (!signIn?.deliveryId || mayBeDecoy(deps, signIn)) return 'accepted'
  const state = await deps.messaging.state(signIn.deliveryId)
  if (state === 'queued' || state === 'sending') return 'sending'
  return state === 'failed' || state === 'dropped' ? 'failed' : (state ?? 'accepted')
}

const drawProfile = (
  deps: FlowDeps,
  visit: Visit,
  step: Extract<Step, { kind: 'profile' }>,
  drawing: Drawing,
) =>
  deps.pages.show<ProfilePage>(
    visit.ctx,
    'interaction/profile',
    {
      ...common(visit, drawing),
      identifier: visit.signIn?.identifier?.display ?? '',
      fields: step.fields.map((field) =>
        field === 'password'
          ? { name: 'new_password' as const, value: '' }
          : { name: field, value: drawing.typed[field] ?? '' },
      ),
      minLength: passwordLength(deps.settings(), visit.client.second_factor),
    },
    shown(visit, drawing),
  )
