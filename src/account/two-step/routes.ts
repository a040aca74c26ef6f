import type Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { backupCodesText, findCredentials, qrSvg } from '#src/verification/index.ts'
import type { AccountDeps } from '../deps.ts'
import { draftRepository } from '../draft-repository.ts'
import { confirmPage, formPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { BackupCodesPage, TotpPage, TwoStepPage } from '../pages.ts'
import { showDay } from '../show-time.ts'

/** An authenticator app, and backup codes. */
export const twoStepPages = (
  router: Router,
  frame: Frame,
  { twoStep }: AccountOperations,
  deps: AccountDeps,
): void => {
  const drafts = draftRepository(deps.db, deps.keys)
  const codesOf = ({ session }: Visit) => drafts.find<string[]>(session.uid, 'backup-codes')

  router.get(
    '/two-step',
    frame.page(async ({ own, lang, show }) => {
      const { totp, backupCodes } = await findCredentials(deps.db, own.id)
      const passkeys = deps.verifications.passkey.isOn() || own.ways.passkeys > 0
      show<TwoStepPage>('account/two-step', {
        totp: totp && { since: showDay(totp.since, lang) },
        backupCodes: totp || own.ways.passkeys > 0 ? { left: backupCodes?.left ?? 0 } : null,
        passkeys: passkeys ? own.ways.passkeys : null,
      })
    }) as never,
  )

  formPage(router, frame, '/two-step/totp', {
    async draw({ run, show, own, t }) {
      const begun = (await run(twoStep.begin)) as { secret: string; uri: string; account: string }
      const { secret, uri, account } = begun
      show<TotpPage>('account/totp', {
        key: secret.match(/.{1,4}/g)?.join(' ') ?? secret,
        uri,
        qr: qrSvg(uri, t('totp.qr_label')),
        account,
        replaces: own.ways.totp,
      })
    },
    async work({ run, go }, { code = '' }) {
      const { backupCodes } = (await run(twoStep.confirm, { body: { code } })) as {
        backupCodes: string[] | null
      }
      if (backupCodes) go('/account/two-step/backup-codes')
      else go('/account/two-step', 'totp')
    },
  })

  confirmPage(router, frame, '/two-step/totp/remove', {
    ask: () => ({ words: 'account-methods.remove-totp', back: '/account/two-step' }),
    async work({ run, go }) {
      await run(twoStep.remove)
      go('/account/two-step', 'totp-removed')
    },
  })

  confirmPage(router, frame, '/two-step/backup-codes/new', {
    ask: () => ({ words: 'account-methods.renew-codes', back: '/account/two-step' }),
    async work({ run, go }) {
      await run(twoStep.renewCodes)
      go('/account/two-step/backup-codes')
    },
  })

  formPage(router, frame, '/two-step/backup-codes', {
    async draw(visit) {
      const codes = await codesOf(visit)
      if (!codes) return visit.go('/account/two-step')
      visit.show<BackupCodesPage>('account/backup-codes', {
        codes,
        downloadHref: '/account/two-step/backup-codes.txt',
      })
    },
    async work({ session, go }, { saved }) {
      if (saved !== 'on') throw new Problem('codes_not_saved', { field: 'saved' })
      await drafts.take(session.uid, 'backup-codes')
      go('/account/two-step', 'codes')
    },
  })

  router.get(
    '/two-step/backup-codes.txt',
    frame.page(async (visit) => {
      const codes = await codesOf(visit)
      if (!codes) throw new Problem('not_found')
      sendCodes(visit, codes, deps.settings().branding.name)
    }) as never,
  )
}

const sendCodes = ({ ctx, t, own }: Visit, codes: readonly string[], application: string) => {
  const answer = ctx as Context
  answer.attachment('backup-codes.txt')
  answer.type = 'text/plain; charset=utf-8'
  answer.body = backupCodesText({
    t,
    application,
    account: own.identifiers.find(({ verified }) => verified)?.display ?? '',
    codes,
    createdAt: new Date(),
  })
}
