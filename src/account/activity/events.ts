/**
 * What of the log somebody is shown about their account, with words `account-activity.<event>`. What is
 * missing here is about messages and tokens, or about nobody.
 */
export const shownEvents = [
  'sign_in.completed',
  'verification.failed',
  'sign_out',
  'sign_out.everywhere',
  'session.ended',
  'user.created',
  'profile.changed',
  'identifier.added',
  'identifier.removed',
  'identifier.preferred',
  'password.set',
  'password.changed',
  'password.reset',
  'password.removed',
  'factor.added',
  'factor.removed',
  'trusted_browser.added',
  'trusted_browser.removed',
  'consent.given',
  'client.disconnected',
  'activity.disputed',
  'data.exported',
  'account.deletion_requested',
  'account.deletion_cancelled',
  'user.changed',
  'user.identifier_added',
  'user.identifier_removed',
  'user.factors_reset',
  'user.password_set',
  'user.signed_out',
  'user.session_ended',
  'user.client_removed',
  'user.blocked',
  'user.unblocked',
] as const

/** Events that somebody else may have caused, of which their person can say so. */
const harmless: readonly string[] = [
  'verification.failed',
  'sign_out',
  'sign_out.everywhere',
  'session.ended',
  'activity.disputed',
  'account.deletion_cancelled',
  'user.created',
]

/** Whether it makes sense to say of it that it was somebody else. What admins do, they tell. */
export const canBeDisputed = (event: string): boolean =>
  !event.startsWith('user.') && !harmless.includes(event)

/** How long it is shown, in days. */
export const shownDays = 90
