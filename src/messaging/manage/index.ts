/**
 * What admins do with connectors, words and deliveries. Whatever changes something is called in a
 * transaction; `MessagingService.reload` takes it over in this process once that is committed.
 */
import type { Channel } from '#connectors/contract.ts'
import type { Db, Position } from '#src/db/index.ts'
import { keyring } from '#src/lib/crypto.ts'
import type { I18n } from '#src/lib/i18n.ts'
import { Problem } from '#src/lib/problem.ts'
import { type ConnectorSettingsDeps, connectorSettings } from '../connector-settings.ts'
import { manageConnectors } from './connectors.ts'
import { type DeliveryFilter, deliveryListRepository } from './delivery-list-repository.ts'
import { preview, type Wish } from './preview.ts'
import { chooseOf, manageTemplates } from './templates.ts'

export interface ManagementDeps extends ConnectorSettingsDeps {
  i18n: I18n
  baseUrl: string
}

/** A recipient, canonical. */
export interface Recipient {
  channel: Channel
  to: string
}

export const manageMessaging = (deps: ManagementDeps) => {
  const { connectors, evaluation, i18n, baseUrl } = deps
  const keys = keyring(deps.secrets, 'messaging')
  const settings = connectorSettings(deps)
  const shared = { connectors, keys, evaluation, settings }
  const managed = manageConnectors(shared)
  const templates = manageTemplates({ ...shared, managed, i18n })

  return {
    /** What is wrong with an instance as the configuration file would have it. */
    validate: settings.validate,
    connectors: managed,
    templates: {
      ...templates,

      /** What a message of an instance would be like. @throws Problem `not_found` */
      async preview(db: Db, id: string, wish: Omit<Wish, 'channel'>) {
        const { stored, channel } = await templates.find(db, id)
        return preview({ ...wish, channel }, chooseOf(stored), { i18n, baseUrl })
      },
    },

    deliveries: {
      /** The newest first, of those that are looked at; of one recipient where one is given. */
      list(
        db: Db,
        filter: Omit<DeliveryFilter, 'recipients'>,
        recipient: Recipient | null,
        after: Position | null,
        limit: number,
      ) {
        const recipients = recipient && keys.macs('recipient', recipient.channel, recipient.to)
        return deliveryListRepository(db).list({ ...filter, recipients }, after, limit)
      },

      /** @throws Problem `not_found` */
      async read(db: Db, id: string) {
        const found = await deliveryListRepository(db).find(id)
        if (!found) throw new Problem('not_found')
        return found
      },
    },
  }
}

export type MessagingManagement = ReturnType<typeof manageMessaging>
