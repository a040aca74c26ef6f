import { activityOperations } from './activity/operations.ts'
import { appOperations } from './apps/operations.ts'
import { dataOperations } from './data/operations.ts'
import { deletionOperations } from './deletion/operations.ts'
import type { AccountDeps } from './deps.ts'
import { identifierOperations } from './identifiers/operations.ts'
import { passkeyOperations } from './passkeys/operations.ts'
import { passwordOperations } from './password/operations.ts'
import { profileOperations } from './profile/operations.ts'
import { sessionOperations } from './sessions/operations.ts'
import { trustedBrowserOperations } from './trusted-browsers/operations.ts'
import { twoStepOperations } from './two-step/operations.ts'

/** Everything that people do with their own account, on its pages and through its API. */
export const accountOperations = (deps: AccountDeps) => ({
  profile: profileOperations(),
  identifiers: identifierOperations(deps),
  password: passwordOperations(deps),
  twoStep: twoStepOperations(deps),
  passkeys: passkeyOperations(deps),
  sessions: sessionOperations(deps),
  trustedBrowsers: trustedBrowserOperations(deps),
  apps: appOperations(deps),
  activity: activityOperations(deps),
  data: dataOperations(deps),
  deletion: deletionOperations(deps),
})

export type AccountOperations = ReturnType<typeof accountOperations>
