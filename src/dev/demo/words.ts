/** What the claims of an ID token mean to the application that reads it. */
export const claimMeanings: { readonly [claim: string]: string } = {
  iss: 'Who issued it: the provider. Has to equal the issuer that was configured.',
  sub: 'Who it is: the same for every sign-in of this person, never reassigned. Store this, not the email address.',
  aud: 'Whom it is for: the client id of this application.',
  exp: 'Not to be accepted after this. How long the person stays signed in is up to the application.',
  iat: 'When it was issued.',
  auth_time: 'When the person last proved who they are; older than iat where a session was reused.',
  nonce: 'Repeats what the application sent, so that a stolen ID token can not be replayed here.',
  acr: 'How much was proven: aal1 one kind of factor, aal2 two kinds, phr a passkey. Always true.',
  amr: 'How it was proven, method by method (RFC 8176).',
  sid: "The session at the provider. A back-channel logout names it, so keep it with the application's own session.",
  at_hash: 'Ties the access token to this ID token.',
  azp: 'The client that it was issued to.',
  name: 'Full name. Granted by the scope profile.',
  preferred_username: 'Username. Granted by the scope profile.',
  locale: 'Preferred language.',
  updated_at: 'When the profile last changed.',
  email: 'Email address. Granted by the scope email.',
  email_verified: 'True: the person has proven that the mailbox is theirs.',
  phone_number: 'Phone number in E.164 form. Granted by the scope phone.',
  phone_number_verified: 'True: the person has proven that the number is theirs.',
}

/** What the parameters of the requests are for. */
export const parameterMeanings: { readonly [parameter: string]: string } = {
  client_id: 'Which application asks.',
  redirect_uri: 'Where the answer goes; registered, and compared letter by letter.',
  response_type: 'An authorization code, which is of no use to anybody else.',
  scope: 'What is asked for; openid makes it a sign-in.',
  state: 'Ties the answer to this browser.',
  nonce: 'Comes back inside the ID token.',
  code_challenge: 'SHA-256 of a secret that this application keeps (PKCE).',
  code_challenge_method: 'How the challenge was made.',
  code_verifier: 'The secret itself: proves that the same application redeems the code.',
  code: 'The authorization code. Works once, for a minute.',
  grant_type: 'What is traded for tokens.',
  refresh_token: 'Traded for new tokens, and replaced by the next one.',
  iss: 'Which provider answers (RFC 9207), against mix-ups.',
  prompt: 'Whether, and what, to ask the person.',
  acr_values: 'How much has to be proven.',
  max_age: 'How old the proof may be, in seconds.',
  ui_locales: 'Language of the pages.',
  login_hint: 'Who is likely to sign in.',
  resource: 'Which API the access token is for (RFC 8707).',
  request_uri: 'Stands for the parameters that were pushed before (PAR, RFC 9126).',
  id_token_hint: 'Whose session it is.',
  error: 'Why there is no code.',
  error_description: 'The same for people; not to be relied on.',
}

/** RFC 8176 values, and `email`, as part of a sentence. */
const proofs: { readonly [amr: string]: string } = {
  otp: 'one-time code',
  sms: 'text message',
  email: 'email',
  pwd: 'password',
  hwk: 'passkey in hardware',
  swk: 'passkey',
  user: 'presence confirmed',
  mfa: 'two kinds of factor',
}

const inSentence = new Intl.ListFormat('en')

/** `one-time code and text message`, from `amr`. */
export const proofInWords = (amr: readonly string[]): string =>
  inSentence.format(amr.map((value) => proofs[value] ?? value))
