import type { Operation } from '../contract.ts'
import { adminOperations } from './admins.ts'
import { auditOperations } from './audit.ts'
import { clientLogoutOperations } from './client-logouts.ts'
import { clientTrialOperations } from './client-trials.ts'
import { type ClientOperationDeps, clientOperations } from './clients.ts'
import { type ConfigurationOperationDeps, configurationOperations } from './configuration.ts'
import type { ConnectorDeps } from './connector-trials.ts'
import { connectorOperations } from './connectors.ts'
import { deliveryOperations } from './deliveries.ts'
import { type InvitationDeps, invitationOperations } from './invitations.ts'
import { type KeyDeps, keyOperations } from './keys.ts'
import { type SettingsDeps, settingsOperations } from './settings.ts'
import { statisticsOperations } from './statistics.ts'
import { type SystemDeps, systemOperations } from './system.ts'
import { templateOperations } from './templates.ts'
import { type TransferDeps, transferOperations } from './transfer.ts'
import { userPasswordOperations } from './user-password.ts'
import { userSecondFactorOperations } from './user-second-factor.ts'
import { userSupportOperations } from './user-support.ts'
import { type UserDeps, userOperations } from './users.ts'
import { type WebhookOperationDeps, webhookOperations } from './webhooks.ts'
import { workOperations } from './works.ts'

export interface OperationDeps
  extends ClientOperationDeps,
    UserDeps,
    InvitationDeps,
    KeyDeps,
    TransferDeps,
    ConnectorDeps,
    Pick<SystemDeps, 'system'> {
  management: ConnectorDeps['management'] & ConfigurationOperationDeps['management']
  settings: SettingsDeps['settings']
  i18n: SettingsDeps['i18n']
  webhooks: WebhookOperationDeps['webhooks']
  messaging: ConnectorDeps['messaging']
}

/** Everything that can be done, in the order of the documentation. */
export const operations = (deps: OperationDeps): readonly Operation[] => {
  const all: Operation[] = [
    ...clientOperations(deps),
    ...clientTrialOperations(),
    ...clientLogoutOperations(),
    // Before those of one person, whose paths would match as well.
    ...transferOperations(deps),
    ...userOperations(deps),
    ...userPasswordOperations(deps),
    ...userSupportOperations(deps),
    ...userSecondFactorOperations(deps),
    ...invitationOperations(deps),
    ...workOperations(deps.workKeys),
    ...connectorOperations(deps),
    ...templateOperations(deps),
    ...deliveryOperations(deps),
    ...settingsOperations(deps),
    ...adminOperations(),
    ...auditOperations(),
    ...statisticsOperations(),
    ...webhookOperations(deps),
    ...keyOperations(deps),
    ...systemOperations(deps),
    ...configurationOperations({ ...deps, find: (id) => all.find((each) => each.id === id)! }),
  ]
  return all
}
