import type { I18n } from '#src/lib/i18n.ts'
import type { Frame } from '../frame.ts'
import type { Sessions } from '../session.ts'
import { connectorPages } from './connector.ts'
import { connectorListPages } from './connectors.ts'
import { deliveryPages } from './deliveries.ts'
import { templatePages } from './template.ts'
import { templateGridPages } from './template-grid.ts'

export interface MessagingPagesDeps {
  frame: Frame
  sessions: Sessions
  i18n: I18n
}

/** Who delivers messages, with which words, and what became of them. */
export const messagingPages = ({ frame, sessions, i18n }: MessagingPagesDeps) => [
  connectorListPages(frame),
  connectorPages(frame, i18n),
  templateGridPages(frame),
  templatePages(frame, sessions),
  deliveryPages(frame),
]
