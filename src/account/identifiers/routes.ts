import type Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import { defaultRegion, type IdentifierType, limitKey, regionOptions } from '#src/users/index.ts'
import { findCredentials } from '#src/verification/index.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage, formPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { IdentifierPage, MethodsPage, VerifyPage } from '../pages.ts'
import { identifierId } from '../person.ts'
import { showDay } from '../show-time.ts'
import { pendingIdentifier } from './add.ts'
import { findIdentifier } from './operations.ts'

/** Addresses, numbers and a username: what one signs in with, and is reached by. */
export const identifierPages = (
  router: Router,
  frame: Frame,
  { identifiers }: AccountOperations,
  deps: AccountDeps,
): void => {
  const idOf = ({ ctx }: Visit) => String(ctx.params.id)

  router.get('/methods', frame.page((visit) => drawMethods(deps, visit)) as never)

  for (const [path, type] of [
    ['/emails/new', 'email'],
    ['/phones/new', 'phone'],
  ] as const) {
    formPage(router, frame, path, {
      keep: ['identifier', 'region'],
      draw: (visit, { identifier = '', region }) => drawForm(visit, type, identifier, region),
      async work({ run, go }, { identifier = '', region = '' }) {
        await run(identifiers.begin, { body: { identifier, type, region } })
        go('/account/verify')
      },
    })
  }

  formPage(router, frame, '/username', {
    keep: ['username'],
    draw: (visit, { username }) => {
      const { identifiers: types } = deps.settings().signIn
      if (!types.includes('username')) throw new Problem('not_found')
      const before = visit.own.identifiers.find(({ type }) => type === 'username')
      drawForm(visit, 'username', username ?? before?.display ?? '')
    },
    async work({ run, go }, { username = '' }) {
      await run(identifiers.setUsername, { body: { username } })
      go('/account/methods', 'username')
    },
  })

  const verify = {
    draw: (visit: Visit) => drawVerify(deps, visit),
    async work({ run, go }: Visit, { code = '' }: Record<string, string>) {
      await run(identifiers.confirm, { body: { code } })
      go('/account/methods', 'added')
    },
  }
  formPage(router, frame, '/verify', verify)
  // After a fault the address is that of the form, and may be typed again or kept.
  router.get('/verify/resend', frame.page(({ go }) => go('/account/verify')) as never)
  router.post(
    '/verify/resend',
    frame.submit({
      draw: verify.draw,
      async work({ run, go, session }) {
        const pending = await pendingIdentifier(deps, deps.db, session.uid)
        if (!pending) return go('/account/methods')
        await run(identifiers.begin, { body: { identifier: pending.display, type: pending.type } })
        go('/account/verify', 'sent')
      },
    }) as never,
  )

  confirmPage(router, frame, '/identifiers/:id/remove', {
    async ask(visit) {
      const { display } = await findIdentifier(deps.db, visit.own.id, idOf(visit))
      return {
        words: 'account-methods.remove-identifier',
        values: { identifier: display },
        back: '/account/methods',
      }
    },
    async work(visit) {
      await visit.run(identifiers.remove, { params: { id: idOf(visit) } })
      visit.go('/account/methods', 'removed')
    },
  })

  confirmPage(router, frame, '/identifiers/:id/prefer', {
    async ask(visit) {
      const { display } = await findIdentifier(deps.db, visit.own.id, idOf(visit))
      return {
        words: 'account-methods.prefer',
        values: { identifier: display },
        back: '/account/methods',
      }
    },
    async work(visit) {
      await visit.run(identifiers.prefer, { params: { id: idOf(visit) } })
      visit.go('/account/methods', 'preferred')
    },
  })
}

const addHref: Record<IdentifierType, string> = {
  email: '/account/emails/new',
  phone: '/account/phones/new',
  username: '/account/username',
}

const drawMethods = async (deps: AccountDeps, visit: Visit): Promise<void> => {
  const { own, lang, show } = visit
  const { identifiers: types, methods } = deps.settings().signIn
  const { password } = await findCredentials(deps.db, own.id)
  const { passkey } = deps.verifications
  const all: readonly IdentifierType[] = ['email', 'phone', 'username']
  show<MethodsPage>('account/methods', {
    groups: all
      .map((type) => {
        const mine = own.identifiers.filter((each) => each.type === type)
        const several = mine.filter(({ verified }) => verified).length > 1
        return {
          type,
          addHref: types.includes(type) ? addHref[type] : null,
          entries: mine.map((each, at) => {
            const path = `/account/identifiers/${identifierId(each)}`
            return {
              display: each.display,
              verified: each.verified,
              preferred: several && at === 0,
              preferHref: several && at > 0 && each.verified ? `${path}/prefer` : null,
              removeHref: `${path}/remove`,
            }
          }),
        }
      })
      .filter(({ entries, addHref }) => entries.length > 0 || addHref !== null),
    password: password && { changedAt: showDay(password.changedAt, lang) },
    passwordOffered: methods.includes('password') || password !== null,
    passkeys: passkey.isOn() || own.ways.passkeys > 0 ? own.ways.passkeys : null,
    twoStep: own.ways.totp,
  })
}

const drawForm = (
  { show, lang, ctx }: Visit,
  type: IdentifierType,
  value: string,
  region = defaultRegion(`${ctx.get('accept-language')} ${lang}`),
): void =>
  show<IdentifierPage>('account/identifier', {
    type,
    value,
    region,
    regions: type === 'phone' ? regionOptions(lang) : [],
  })

const drawVerify = async (deps: AccountDeps, { show, session, go }: Visit): Promise<void> => {
  const pending = await pendingIdentifier(deps, deps.db, session.uid)
  if (!pending) return go('/account/methods')
  const { length, emailTtlSeconds, smsTtlSeconds } = deps.settings().codes
  const seconds = pending.type === 'email' ? emailTtlSeconds : smsTtlSeconds
  show<VerifyPage>('account/verify', {
    type: pending.type,
    destination: pending.display,
    length,
    ttlMinutes: Math.round(seconds / 60),
    resendAfterSeconds: await deps.limits.sendWait(limitKey(pending)),
  })
}
