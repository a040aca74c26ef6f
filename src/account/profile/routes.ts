import type Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import { longestPersonName } from '#src/users/index.ts'
import type { AccountDeps } from '../deps.ts'
import { formPage } from '../form-page.ts'
import type { Frame } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { ProfilePage } from '../pages.ts'

/** The same as `src/lib/show.ts` keeps where a language is chosen from the menu. */
const yearMs = 365 * 24 * 60 * 60 * 1000

/** Name and language. */
export const profilePages = (
  router: Router,
  frame: Frame,
  { profile }: AccountOperations,
  { pages }: Pick<AccountDeps, 'pages'>,
): void =>
  formPage(router, frame, '/profile', {
    keep: ['name', 'locale'],
    draw({ own, lang, show }, { name, locale }) {
      show<ProfilePage>('account/profile', {
        name: name ?? own.name ?? '',
        locale: locale ?? own.locale ?? lang,
        locales: pages.languages,
      })
    },
    async work({ ctx, run, go, own }, { name = '', locale = '' }) {
      if ([...name.trim()].length > longestPersonName) {
        throw new Problem('name_too_long', { field: 'name', values: { length: longestPersonName } })
      }
      const known = pages.languages.some(({ code }) => code === locale)
      await run(profile.change, {
        body: {
          name: name.trim() === '' ? null : name,
          // One that is spoken here; a finer one that somebody has stays unless another is chosen.
          ...(known && !own.locale?.startsWith(locale) ? { locale } : {}),
        },
      })
      if (known) {
        const cookie = ctx.secure ? '__Host-avouch_lang' : 'avouch_lang'
        ctx.cookies.set(cookie, locale, { maxAge: yearMs, sameSite: 'lax', signed: false })
      }
      go('/account/profile', 'profile')
    },
  })
