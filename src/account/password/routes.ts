import type Router from '@koa/router'
import { passwordLength } from '#src/verification/index.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage, formPage } from '../form-page.ts'
import type { Frame } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { PasswordPage } from '../pages.ts'

/** Setting a password, changing it, and doing without. */
export const passwordPages = (
  router: Router,
  frame: Frame,
  { password }: AccountOperations,
  { settings }: Pick<AccountDeps, 'settings'>,
): void => {
  formPage(router, frame, '/password', {
    keep: ['sign_out'],
    draw({ own, show }, { sign_out }) {
      const has = own.ways.password
      show<PasswordPage>('account/password', {
        identifier: own.identifiers.find(({ verified }) => verified)?.display ?? '',
        minLength: passwordLength(settings()),
        has,
        signOut: sign_out === undefined || sign_out === 'on',
        removeHref: has ? '/account/password/remove' : null,
      })
    },
    async work({ run, go }, { new_password = '', sign_out }) {
      await run(password.set, { body: { new_password, sign_out: sign_out === 'on' } })
      go('/account/methods', 'password')
    },
  })

  confirmPage(router, frame, '/password/remove', {
    ask: () => ({ words: 'account-methods.remove-password', back: '/account/password' }),
    async work({ run, go }) {
      await run(password.remove)
      go('/account/methods', 'password-removed')
    },
  })
}
