/**
 * Everything that can go wrong by design, in one list: the code is stable, the title is safe to
 * show to anyone, and the HTTP status lives here and nowhere else. People read the words that
 * `views/locales/<language>/problems.json` has for the code.
 */
export const problems = {
  invalid_input: { status: 422, title: 'Some of what was entered is not valid.' },
  identifier_required: {
    status: 422,
    title: 'An email address, phone number or username is needed.',
  },
  invalid_email: { status: 422, title: 'That is not an email address.' },
  invalid_phone: {
    status: 422,
    title: 'That is not a phone number that can receive text messages.',
  },
  phone_needs_country: { status: 422, title: 'The phone number needs its country code.' },
  invalid_username: {
    status: 422,
    title:
      'A username is 3 to 32 letters, digits, dots, dashes or underscores, beginning with a letter.',
  },
  identifier_not_accepted: { status: 422, title: 'This kind of identifier is not used here.' },
  username_taken: { status: 422, title: 'That username is taken.' },
  name_required: { status: 422, title: 'A name is needed.' },
  name_too_long: { status: 422, title: 'The name is too long.' },
  password_required: { status: 422, title: 'A password is needed.' },
  password_too_short: { status: 422, title: 'The password is too short.' },
  password_too_long: { status: 422, title: 'The password is too long.' },
  password_too_common: {
    status: 422,
    title: 'That password is among the first that others would try.',
  },
  incorrect_password: { status: 422, title: 'The identifier or the password is not right.' },
  code_required: { status: 422, title: 'The code is missing.' },
  code_malformed: { status: 422, title: 'The code has the wrong shape.' },
  incorrect_code: { status: 422, title: 'That code is not right.' },
  code_expired: { status: 422, title: 'That code has expired.' },
  code_spent: { status: 422, title: 'That code can no longer be used.' },
  code_already_used: { status: 422, title: 'That code was already used. Wait for the next one.' },
  too_many_tries: { status: 429, title: 'Too many wrong codes. Ask for a new one.' },
  incorrect_backup_code: {
    status: 422,
    title: 'That backup code is not right, or was used before.',
  },
  passkey_refused: { status: 422, title: 'That did not work with the passkey.' },
  passkey_expired: { status: 422, title: 'The passkey was answered too late, or twice.' },
  passkey_unverified: {
    status: 422,
    title: 'The passkey has to make sure of the person, by screen lock, fingerprint, face or PIN.',
  },
  passkey_unknown: { status: 422, title: 'This passkey is not known here any more.' },
  passkey_exists: { status: 422, title: 'This passkey is set up already.' },
  passkey_name_required: { status: 422, title: 'A name for the passkey is needed.' },
  passkey_cloned: {
    status: 422,
    title: 'There seems to be a copy of this passkey, so that it is not accepted.',
  },
  codes_not_saved: { status: 422, title: 'The backup codes have to be saved first.' },
  locked: { status: 429, title: 'Too many failed tries. This way in is closed for a while.' },
  wait_before_resend: { status: 429, title: 'A new message can be asked for in a moment.' },
  too_many_sends: { status: 429, title: 'Too many messages were asked for. Try again later.' },
  too_many_requests: { status: 429, title: 'Too many requests. Try again later.' },
  method_not_available: { status: 422, title: 'This way to sign in is not available.' },
  decision_required: { status: 422, title: 'Choose to allow or to cancel.' },
  account_not_available: { status: 422, title: 'That account can not be used from this browser.' },
  delivery_failed: {
    status: 503,
    title: 'The message could not be sent. Try another way, or try again.',
  },
  no_connector: { status: 503, title: 'Nothing is set up to send such a message.' },
  number_required: { status: 422, title: 'The number has two digits.' },
  incorrect_number: { status: 422, title: 'The other screen shows another number.' },
  link_unknown: { status: 404, title: 'This link does not work.' },
  link_expired: { status: 410, title: 'This link has expired.' },
  link_used: { status: 410, title: 'This link was already used.' },
  interaction_expired: { status: 410, title: 'This sign-in has expired. Start again.' },
  foreign_interaction: { status: 400, title: 'This sign-in was started in another browser.' },
  sign_in_blocked: { status: 403, title: 'This account can not sign in.' },
  cross_site_request: { status: 403, title: 'The request came from another site.' },
  unauthenticated: { status: 401, title: 'An access token for this API is needed.' },
  insufficient_scope: {
    status: 403,
    title: 'This is not allowed with the scopes or the role given.',
  },
  step_up_required: {
    status: 403,
    title: 'For this, whoever asks must have signed in within the last five minutes.',
  },
  signed_in_again: { status: 409, title: 'Whoever asked had to sign in again. Nothing was done.' },
  insufficient_user_authentication: {
    status: 401,
    title: 'For this, the person must have signed in lately, with the best that they have.',
  },
  identifier_taken: { status: 422, title: 'That belongs to another account.' },
  last_way: {
    status: 409,
    title: 'It is the last way to sign in. Add another one first.',
  },
  return_address_unknown: {
    status: 400,
    title: 'The address to return to is not registered for this client.',
  },
  managed_by_file: {
    status: 409,
    title: 'The configuration file holds this. Change it there.',
  },
  already_exists: { status: 409, title: 'There is one of that name already.' },
  not_the_admin: { status: 403, title: 'Somebody else is to be the owner of this server.' },
  last_owner: { status: 409, title: 'The last owner can not be removed. Make another one first.' },
  last_secret: {
    status: 409,
    title: 'It is the last secret that works. Add another one first, or delete the client.',
  },
  secret_unreadable: {
    status: 409,
    title: 'None of SECRET_KEYS opens the secret of this webhook. Make a new one for it.',
  },
  work_ended: { status: 409, title: 'This work has ended already, or was cancelled.' },
  in_progress: {
    status: 409,
    title: 'The same request is being worked on. Ask again in a moment.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for another request. Use a new one for each.',
  },
  version_changed: {
    status: 412,
    title: 'It was changed meanwhile. Read it again, and make your change once more.',
  },
  bad_request: { status: 400, title: 'The request can not be understood.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, title: 'This is not possible here.' },
  too_large: { status: 413, title: 'The request is too large.' },
  unsupported_media_type: {
    status: 415,
    title: 'The request is in a format that is not understood here.',
  },
  wrong_host: { status: 421, title: 'This server does not answer for that host.' },
  busy: { status: 503, title: 'The server is busy. Try again in a moment.' },
  unavailable: {
    status: 503,
    title: 'The server can not answer right now. Try again in a moment.',
  },
  internal: { status: 500, title: 'Something went wrong on our side.' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

export interface Fault {
  /** As in `redirect_uris[0]`. */
  path: string
  message: string
}

export interface ProblemOptions extends ErrorOptions {
  /** What is wrong with each part, for programs and forms. Safe to show. */
  errors?: readonly Fault[]
  /** More than the title says, in a sentence. Safe to show. */
  detail?: string
  /** Name of the form field or path of the property that the problem is about. */
  field?: string
  /** What the localised words mention, such as `{ tries: 4 }`. Safe to show. */
  values?: Record<string, string | number>
  /** When trying again makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number
}

/** A failure that was expected. Anything else that is thrown is a bug and answers 500. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly status: number
  readonly field: string | undefined
  readonly values: Record<string, string | number>
  readonly retryAfterSeconds: number | undefined
  readonly errors: readonly Fault[]
  readonly detail: string | undefined

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(problems[code].title, options)
    this.code = code
    this.status = problems[code].status
    this.field = options.field
    this.values = options.values ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds
    this.detail = options.detail
    this.errors =
      options.errors ?? (options.field ? [{ path: options.field, message: this.message }] : [])
  }
}
