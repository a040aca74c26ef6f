import type { Account } from './account/index.ts'
import type { Admin } from './admin/index.ts'
import { followRepository, retentionRepository } from './audit/index.ts'
import type { Db } from './db/index.ts'
import type { SignIns } from './interaction/index.ts'
import type { Keyring } from './lib/crypto.ts'
import type { Jobs } from './lib/jobs.ts'
import type { Limits } from './limits/index.ts'
import type { MessagingService } from './messaging/index.ts'
import type { notices } from './notices/index.ts'
import type { Oidc } from './oidc/index.ts'
import type { Settings } from './settings/index.ts'
import { countEvents, statisticsRepository } from './statistics/index.ts'
import { trustedBrowserRepository } from './users/index.ts'
import type { Verifications } from './verification/index.ts'
import { fanOut, type Webhooks } from './webhooks/index.ts'
import { sweepWorks } from './works/index.ts'

export interface BackgroundDeps {
  db: Db
  jobs: Jobs
  settings: () => Settings
  messages: MessagingService
  hooks: Webhooks
  notify: ReturnType<typeof notices>
  works: { run: Parameters<Jobs['every']>[2]; keys: Keyring }
  protocol: Oidc
  signIns: SignIns
  verifications: Verifications
  /** Null where `SECRET_KEYS` is one, so that there is nothing to do. */
  sealAgain: (() => Promise<void>) | null
  limits: Limits
  management: Admin
  account: Account
}

/**
 * What goes on beside requests, in every process: whatever must be done by one at a time is decided by
 * the database. Intervals are seconds.
 */
export const runInBackground = (deps: BackgroundDeps): void => {
  const { db, jobs, settings, messages, hooks, works, protocol } = deps
  const follower = followRepository(db)
  const statistics = statisticsRepository(db)

  jobs.every(2, 'messages', messages.sweep)
  jobs.every(1, 'events', async () => {
    await follower.follow([countEvents, fanOut, deps.notify.consume])
    await statistics.collectUserChanges()
    await hooks.send()
  })
  jobs.every(0.5, 'logouts', protocol.logoutNews.send)
  jobs.every(2, 'works', works.run)
  jobs.every(5, 'keys', protocol.refreshKeys)
  jobs.every(10, 'factor resets', deps.management.completeFactorResets)
  if (deps.sealAgain) jobs.every(1, 'seals', deps.sealAgain)
  jobs.every(60, 'expired', async () => {
    await statistics.sweep()
    await retentionRepository(db).deleteOlderThan(settings().audit.retentionDays)
    await hooks.sweep()
    await deps.notify.sweep(db)
    await protocol.sweep()
    await deps.signIns.sweep()
    await deps.verifications.messages.sweep()
    await deps.verifications.passkey.sweep()
    await deps.limits.sweep()
    await trustedBrowserRepository(db).sweep()
    await deps.management.sweep()
    await deps.account.sweep()
    await sweepWorks({ db, keys: works.keys })
  })
}
