import type { Translate } from '#src/lib/page.ts'
import { eventMethods } from '#src/verification/contract.ts'
import type { EventView } from '../api/audit.ts'

/** Events that there are words for, `admin-events.<event>`; by what they are about. */
export const knownEvents = [
  'sign_in.started',
  'sign_in.completed',
  'sign_in.second_step_failed',
  'sign_out',
  'sign_out.everywhere',
  'session.ended',
  'logout.delivery_failed',
  'token.issued',
  'consent.given',
  'consent.refused',
  'verification.succeeded',
  'verification.failed',
  'link.approved',
  'link.denied',
  'link.opened',
  'message.queued',
  'message.refused',
  'message.accepted',
  'message.failed',
  'message.unknown',
  'message.dropped',
  'message.delivered',
  'message.undelivered',
  'user.created',
  'user.changed',
  'user.deleted',
  'user.blocked',
  'user.unblocked',
  'user.identifier_added',
  'user.identifier_removed',
  'user.factors_reset',
  'user.password_set',
  'user.client_removed',
  'user.device_forgotten',
  'user.signed_out',
  'user.session_ended',
  'password.set',
  'password.reset',
  'factor.added',
  'password.changed',
  'password.removed',
  'factor.removed',
  'identifier.added',
  'identifier.removed',
  'identifier.preferred',
  'profile.changed',
  'client.disconnected',
  'activity.disputed',
  'data.exported',
  'account.deletion_requested',
  'account.deletion_cancelled',
  'factor.cloned',
  'trusted_browser.added',
  'trusted_browser.removed',
  'factor_reset.requested',
  'factor_reset.approved',
  'factor_reset.denied',
  'factor_reset.cancelled',
  'factor_reset.completed',
  'invitation.created',
  'invitation.deleted',
  'client.created',
  'client.changed',
  'client.deleted',
  'client.tried',
  'client.secret_added',
  'client.secret_removed',
  'connector.created',
  'connector.changed',
  'connector.deleted',
  'connector.tested',
  'connector.verified',
  'connectors.ordered',
  'template.saved',
  'template.restored',
  'template.removed',
  'settings.changed',
  'configuration.exported',
  'configuration.applied',
  'keys.rotated',
  'admin.owner_claimed',
  'admin.owner_created',
  'admin.changed',
  'admin.removed',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.secret_rotated',
  'webhook.tested',
  'webhook.delivery_replayed',
  'webhook.delivery_dead',
  'webhook.disabled',
  'audit.exported',
  'work.finished',
  'work.cancelled',
  'users.import',
  'users.export',
  'users.exported',
  'system.bundle_made',
] as const

/** Results and reasons that there are words for, `admin-events.reason-<code>`. */
export const knownReasons = [
  'incorrect_code',
  'code_expired',
  'code_spent',
  'code_already_used',
  'too_many_tries',
  'incorrect_password',
  'incorrect_backup_code',
  'passkey_refused',
  'passkey_expired',
  'passkey_unverified',
  'passkey_unknown',
  'passkey_exists',
  'passkey_cloned',
  'locked',
  'too_many_sessions',
  'too_many_sends',
  'too_many_requests',
  'method_not_available',
  'no_connector',
  'rejected',
  'misconfigured',
  'rate_limited',
  'unavailable',
  'unknown_outcome',
  'undelivered',
  'failed',
  'same_browser',
  'other_browser',
  'other',
] as const

const among = (known: readonly string[], key: string) => known.includes(key)

/** What happened, in a sentence; the event itself where there is none. */
export const eventWords = (t: Translate, event: string): string =>
  among(knownEvents, event) ? t(`admin-events.${event}`) : event

/** Why, in a few words; the code itself where there are none. */
export const reasonWords = (t: Translate, reason: string): string =>
  among(knownReasons, reason) ? t(`admin-events.reason-${reason}`) : reason

export const methodWords = (t: Translate, method: string): string =>
  among(eventMethods, method) ? t(`admin-events.method-${method}`) : method

/** An event with what people read of it. */
export type ToldEvent = EventView & { words: string; methodWords: string; resultWords: string }

export const toldEvent = (t: Translate, event: EventView): ToldEvent => ({
  ...event,
  words: eventWords(t, event.event),
  methodWords:
    event.method
      ?.split(' ')
      .map((each) => methodWords(t, each))
      .join(' + ') ?? '',
  resultWords: event.result === null ? '' : reasonWords(t, event.result),
})
