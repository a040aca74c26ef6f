/**
 * What of the log somebody is shown about their account, with words `account-activity.<event>`. What is
 * missing here is about messages and tokens, or about nobody.
 */
export const shownEvents = [
  'sign_in.completed',
  'sign_in.second_step_failed',
  'verification.failed',
  'sign_out',
  'sign_out.everywhere',
  'session.ended',
  'logout.delivery_failed',
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
  'factor.cloned',
  'factor_reset.requested',
  'factor_reset.approved',
  'factor_reset.denied',
  'factor_reset.cancelled',
  'factor_reset.completed',
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
  'user.device_forgotten',
  'user.blocked',
  'user.unblocked',
  'admin.owner_claimed',
  'admin.changed',
  'admin.removed',
] as const

/** Events that do no harm, or undo it, whoever caused them. */
const harmless: readonly string[] = [
  'verification.failed',
  'sign_out',
  'sign_out.everywhere',
  'session.ended',
  'logout.delivery_failed',
  'activity.disputed',
  'account.deletion_cancelled',
  'factor_reset.denied',
  'factor_reset.cancelled',
]

/**
 * Whether it makes sense to say of it that it was somebody else. What admins do, they tell; but a
 * reset that they have approved waits for exactly this.
 */
export const canBeDisputed = (event: string): boolean =>
  !/^(user|admin)\./.test(event) && !harmless.includes(event)

/** Whether it tells of a reset of second factors that is still to come. */
export const isOpenReset = (event: string): boolean =>
  event === 'factor_reset.requested' || event === 'factor_reset.approved'

/** How long it is shown, in days. */
export const shownDays = 90
