import type Router from '@koa/router'
import { personAccess } from '#src/oidc/index.ts'
import { findManagedUser } from '#src/users/index.ts'
import { connectedApps } from '../apps/operations.ts'
import type { AccountDeps } from '../deps.ts'
import type { Frame } from '../frame.ts'
import type { Advice, OverviewPage } from '../pages.ts'
import { checklist } from '../policy.ts'
import { showTime } from '../show-time.ts'

const doing: Record<Advice, string> = {
  'another-way': '/account/methods',
  'two-step': '/account/two-step/totp',
  'backup-codes': '/account/two-step/backup-codes/new',
  passkey: '/account/passkeys/new',
}

/** The first page: who one is here, what is still to do, and the ways to everything else. */
export const overviewPages = (router: Router, { page }: Frame, deps: AccountDeps): void => {
  router.get(
    '/',
    page(async ({ own, lang, show }) => {
      const { lastSignInAt } = await findManagedUser(deps.db, own.id)
      const sessions = await personAccess(deps.db).sessions(own.id)
      const apps = await connectedApps(deps, deps.db, own.id)
      const trusted = await deps.trustedBrowsers.list(own.id)
      const section = (topic: string, href: string, count: number | null = null) => ({
        topic,
        href: `/account/${href}`,
        count,
      })
      show<OverviewPage>('account/overview', {
        name: own.name,
        identifiers: own.identifiers
          .filter(({ verified }) => verified)
          .map(({ display }) => display),
        lastSignIn: lastSignInAt && showTime(lastSignInAt, lang),
        checklist: checklist(own.ways, deps.settings().signIn).map((each) => ({
          ...each,
          href: doing[each.advice],
        })),
        sections: [
          section('profile', 'profile'),
          section('methods', 'methods'),
          section('two-step', 'two-step'),
          ...(deps.verifications.passkey.isOn() || own.ways.passkeys > 0
            ? [section('passkeys', 'passkeys', own.ways.passkeys)]
            : []),
          section('sessions', 'sessions', sessions.length),
          ...(deps.trustedBrowsers.isOn()
            ? [section('trusted-browsers', 'trusted-browsers', trusted.length)]
            : []),
          section('apps', 'apps', apps.length),
          section('activity', 'activity'),
          section('data', 'data'),
        ],
      })
    }) as never,
  )
}
