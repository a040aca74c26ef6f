import { Problem } from '#src/lib/problem.ts'
import { factorResetRepository } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { common, type Drawing, shown } from './drawing.ts'
import type { Due } from './flow.ts'
import type { LostPage } from './pages.ts'
import { originOf } from './visit.ts'

/** Whether this is somebody who has proven one factor and is asked for a second. */
export const isAskedForSecond = ({ step, visit }: Due): boolean =>
  step.kind === 'verify' && step.second && (visit.signIn?.userId ?? null) !== null

/** For those who have none of what they are asked for: what the admin says, and what they can do. */
export const drawLost = async (deps: FlowDeps, due: Due, drawing: Drawing): Promise<void> => {
  const { visit, step } = due
  const { recovery, words } = deps.settings()
  const open = await factorResetRepository(deps.db).find(visit.signIn?.userId ?? '')
  const ways = step.kind === 'verify' ? step.ways : []
  const offered = recovery.reset === 'approval' ? 'offered' : null
  deps.pages.show<LostPage>(
    visit.ctx,
    'interaction/lost',
    {
      ...common(visit, drawing),
      text: words[visit.lang]?.['lost.text'] ?? recovery.text ?? visit.t('lost.text'),
      backupCodes: ways.some(({ method }) => method === 'backup-code'),
      reset: open?.state ?? offered,
      dueAt: open?.dueAt
        ? new Intl.DateTimeFormat(visit.lang, {
            dateStyle: 'medium',
            timeStyle: 'short',
            timeZone: 'UTC',
          }).format(open.dueAt)
        : null,
      backHref: visit.base,
    },
    shown(visit, drawing),
  )
}

/**
 * Asks an admin to take away the second factors of somebody who has proven their first. To ask twice
 * changes nothing.
 *
 * @throws Problem `method_not_available` where nobody is asked for a second factor, or nobody may ask
 */
export const askForReset = async (deps: FlowDeps, due: Due): Promise<string> => {
  const { visit } = due
  const { signIn, client, base, ctx } = visit
  const may = deps.settings().recovery.reset === 'approval' && isAskedForSecond(due)
  if (!may || !signIn?.userId) throw new Problem('method_not_available')
  await factorResetRepository(deps.db).request(signIn.userId, {
    clientId: client.client_id,
    interactionUid: signIn.uid,
    ...originOf(ctx),
  })
  return `${base}?lost=1`
}
