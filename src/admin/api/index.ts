import type { SettingsStore } from '#src/settings/index.ts'
import type { Operation } from '../contract.ts'
import { adminOperations } from './admins.ts'
import { auditOperations } from './audit.ts'
import { type ClientOperationDeps, clientOperations } from './clients.ts'
import { type ConnectorDeps, connectorOperations } from './connectors.ts'
import { deliveryOperations } from './deliveries.ts'
import { type InvitationDeps, invitationOperations } from './invitations.ts'
import { type KeyDeps, keyOperations } from './keys.ts'
import { settingsOperations } from './settings.ts'
import { statisticsOperations } from './statistics.ts'
import { templateOperations } from './templates.ts'
import { userPasswordOperations } from './user-password.ts'
import { userSupportOperations } from './user-support.ts'
import { type UserDeps, userOperations } from './users.ts'
import { type WebhookOperationDeps, webhookOperations } from './webhooks.ts'

export interface OperationDeps
  extends ClientOperationDeps,
    UserDeps,
    InvitationDeps,
    KeyDeps,
    ConnectorDeps {
  settings: SettingsStore
  webhooks: WebhookOperationDeps['webhooks']
  messaging: ConnectorDeps['messaging']
}

/** Everything that can be done, in the order of the documentation. */
export const operations = (deps: OperationDeps): readonly Operation[] => [
  ...clientOperations(deps),
  ...userOperations(deps),
  ...userPasswordOperations(deps),
  ...userSupportOperations(deps),
  ...invitationOperations(deps),
  ...connectorOperations(deps),
  ...templateOperations(deps),
  ...deliveryOperations(deps),
  ...settingsOperations(deps),
  ...adminOperations(),
  ...auditOperations(),
  ...statisticsOperations(),
  ...webhookOperations(deps),
  ...keyOperations(deps),
]
