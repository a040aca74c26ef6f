import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'

/** Why a sign-in did not work, for the developer of an application. */
export interface Failure {
  /** The protocol's error code, or that of this application's own check. */
  code: string
  /** The provider's own words. */
  description: string | null
  meaning: string
  status: number
}

const meanings: { [code: string]: string } = {
  access_denied: 'The person cancelled, or the provider decided against it. Offer to try again.',
  login_required:
    'Nobody is signed in at the provider, and prompt=none forbids asking. Send the person through an ordinary sign-in.',
  interaction_required:
    'The provider has to show a page, and prompt=none forbids it. Send the person through an ordinary sign-in.',
  consent_required: 'The person has not allowed this yet, and prompt=none forbids asking.',
  account_selection_required:
    'There is more than one account to choose from, and prompt=none forbids asking.',
  unmet_authentication_requirements:
    'The proof that acr_values or claims asked for can not be reached by this person.',
  invalid_request: 'A parameter is missing, doubled or malformed.',
  invalid_request_uri: 'The pushed request has expired, was used before, or is not known.',
  invalid_scope: 'A scope that this client may not ask for.',
  invalid_target: 'The resource is not known to the provider, or not open to this client.',
  invalid_client: 'The client is not known, or its secret is wrong.',
  invalid_grant:
    'The code or refresh token has expired, was used before, was revoked, or belongs to somebody else. Sign in again.',
  unauthorized_client: 'This client is not allowed to do that.',
  unsupported_response_type: 'Only response_type=code is supported.',
  invalid_token: 'The access token has expired, was revoked, or is for another resource.',
  insufficient_scope: 'The access token lacks a scope.',
  server_error: 'Something went wrong at the provider. Its log tells what.',
  temporarily_unavailable: 'The provider is busy. Try again in a moment.',
  unknown_state:
    'This answer does not belong to a sign-in that this browser has out: it was used before, was begun in another browser, or this application was restarted meanwhile.',
  unknown_issuer: 'This application was told to sign in at a provider that it does not know.',
  unreachable: 'The provider did not answer. Is it running? Try again in a moment.',
  check_failed:
    'An answer came, but a check of this application refused it. A real application has to do the same.',
}

const failure = (code: string, description: string | null, status: number): Failure => ({
  code,
  description,
  meaning:
    meanings[code] ?? 'OAuth error codes are listed with the specification that defines them.',
  status,
})

/** This application has no sign-in out with this state. */
export const unknownState = (): Failure => failure('unknown_state', null, 400)

/** This application was told to sign in elsewhere. */
export const unknownIssuer = (iss: string): Failure => failure('unknown_issuer', iss, 400)

/** The provider's answer to a request that is not out, said with the provider's own code. */
export const strayError = (code: string, description: string | null): Failure =>
  failure(code, description, 400)

/** What openid-client threw, in words. Anything else is a bug and is thrown again. */
export const explain = (error: unknown): Failure => {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return failure(error.error, error.error_description ?? null, 400)
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const parameters = error.cause[0]?.parameters
    return failure(parameters?.error ?? 'invalid_token', parameters?.error_description ?? null, 400)
  }
  if (error instanceof ClientError) {
    if (error.code === 'OAUTH_TIMEOUT') return failure('unreachable', null, 503)
    const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return failure('check_failed', `${error.message}${why}`, 400)
  }
  // What `fetch` throws where nothing listens.
  if (error instanceof TypeError && error.message === 'fetch failed') {
    return failure('unreachable', null, 503)
  }
  throw error
}
