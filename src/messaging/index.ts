/**
 * From a usage type and a person to a message that a connector delivers.
 *
 * A delivery is recorded in the transaction of whoever wants it sent, and sent afterwards; if that
 * process dies, another one sends it, or drops it past its lifetime. Words are chosen here, from the
 * operator's templates or our own; connectors only deliver. Who may be sent how much is decided in
 * `limits`, and what a code is worth in `verification`.
 */
export {
  type ConnectorSettings,
  type ConnectorSettingsDeps,
  connectorSettings,
  type Fault,
  type InstanceSettings,
} from './connector-settings.ts'
export type { DeliveryState, Messaging, NewDelivery, Variables } from './contract.ts'
export { countryOf } from './country.ts'
export { type InboxMessage, type InboxRepository, inboxRepository } from './inbox-repository.ts'
export type { CheckedSettings } from './manage/connectors.ts'
export { type MessagingManagement, manageMessaging } from './manage/index.ts'
export type { Config } from './manage/secrets.ts'
export type { Author, Cell } from './manage/template-versions.ts'
export { type MessagingDeps, type MessagingService, messaging } from './messaging.ts'
export { receiptRoutes } from './routes.ts'
export { chooserOf } from './template.ts'
