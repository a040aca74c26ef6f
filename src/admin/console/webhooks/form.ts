import type { Translate } from '#src/lib/page.ts'
import type { WebhookView } from '../../api/webhook-view.ts'
import { eventWords, knownEvents } from '../event-words.ts'
import type { Fields } from '../fields.ts'
import type { EventGroup, WebhookForm } from './pages.ts'

const kindOf = (event: string): string => event.replace(/\..*/, '')

/** Everything that may be ticked, by kind. */
export const eventGroups = (t: Translate): EventGroup[] =>
  [...new Set(knownEvents.map(kindOf))].map((kind) => {
    const events = knownEvents.filter((event) => kindOf(event) === kind)
    return {
      pattern: events.some((event) => event.includes('.')) ? `${kind}.*` : null,
      name: kind,
      events: events.map((event) => ({ event, words: eventWords(t, event) })),
    }
  })

const tickable = new Set(['*', ...knownEvents, ...knownEvents.map((event) => `${kindOf(event)}.*`)])

export const formOf = (
  from: Pick<WebhookView, 'url' | 'description' | 'events' | 'enabled'>,
): WebhookForm => ({
  url: from.url,
  description: from.description ?? '',
  chosen: from.events.filter((event) => tickable.has(event)),
  more: from.events.filter((event) => !tickable.has(event)).join('\n'),
  enabled: from.enabled,
})

export const emptyForm: WebhookForm = {
  url: '',
  description: '',
  chosen: [],
  more: '',
  enabled: true,
}

/** As it was typed. */
export const typedForm = (fields: Fields): WebhookForm => ({
  url: fields.text('url'),
  description: fields.text('description'),
  chosen: fields.all('events'),
  more: fields.text('more'),
  enabled: fields.has('enabled'),
})

/** What the form says, for the operation. */
export const bodyOf = (fields: Fields) => ({
  url: fields.text('url').trim(),
  description: fields.text('description').trim() || null,
  events: [...fields.all('events'), ...fields.lines('more')],
  enabled: fields.has('enabled'),
})
