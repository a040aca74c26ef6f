import { qrSvg } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { otherWay, passkeyUse } from './draw-passkey.ts'
import { common, type Drawing, shown } from './drawing.ts'
import { pendingTotp } from './enrol.ts'
import type { Due } from './flow.ts'
import type { BackupCodesPage, EnrollTotpPage } from './pages.ts'

/** The authenticator app's secret, then the backup codes. */
export const drawEnrolment = async (
  deps: FlowDeps,
  due: Due,
  kind: 'enroll-totp' | 'backup-codes',
  drawing: Drawing,
): Promise<void> => {
  const { visit } = due
  if (kind === 'backup-codes') {
    deps.pages.show<BackupCodesPage>(
      visit.ctx,
      'interaction/backup-codes',
      {
        ...common(visit, drawing),
        codes: visit.signIn?.pending.backupCodes ?? [],
        downloadHref: `${visit.base}/backup-codes.txt`,
      },
      shown(visit, drawing),
    )
    return
  }
  const { secret, uri } = await pendingTotp(deps, visit)
  deps.pages.show<EnrollTotpPage>(
    visit.ctx,
    'interaction/enroll-totp',
    {
      ...common(visit, drawing),
      key: secret.match(/.{1,4}/g)?.join(' ') ?? secret,
      uri,
      qr: qrSvg(uri, visit.t('totp.qr_label')),
      account: visit.signIn?.identifier?.display ?? '',
      passkey: passkeyUse(deps, due, drawing),
      alternatives: otherWay(due),
    },
    shown(visit, drawing),
  )
}
