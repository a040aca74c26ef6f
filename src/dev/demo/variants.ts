/** A sign-in to try: an ordinary one with one parameter changed. */
export interface Variant {
  title: string
  /** What it shows. */
  text: string
  /** The parameters that make the difference, as they are sent. */
  difference: string
  href: string
}

/** An API that the provider issues access tokens for. */
export interface DemoApi {
  resource: string
  scope: string
}

export const defaultScope = 'openid profile email phone offline_access'

/** A parameter that the page for requests of one's own asks for. */
export interface RequestField {
  name: string
  hint: string
  value: string
}

const field = (name: string, hint: string, value = ''): RequestField => ({ name, hint, value })

/** The parameters that are passed on as they come; the rest of the request is made here. */
export const requestFields: readonly RequestField[] = [
  field('scope', 'What is asked for', defaultScope),
  field('prompt', 'none, login, consent, select_account or create'),
  field('acr_values', 'aal1, aal2 or phr'),
  field('max_age', 'Seconds'),
  field('login_hint', 'Email address or phone number'),
  field('ui_locales', 'de, en, ar'),
  field('resource', 'URI of an API'),
]

const variant = (
  title: string,
  text: string,
  parameters: { [name: string]: string },
  difference = Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
): Variant => ({
  title,
  text,
  difference,
  href: `/sign-in?${new URLSearchParams(parameters)}`,
})

/** Everything the start page offers, in order. */
export const variants = (api: DemoApi | null): readonly Variant[] => [
  variant('Sign in again', 'Asks even where somebody is signed in.', { prompt: 'login' }),
  variant('Choose an account', 'Shows who has signed in with this browser.', {
    prompt: 'select_account',
  }),
  variant('Create an account', 'Goes straight to registration.', { prompt: 'create' }),
  variant('Two factors', 'Asks for whatever is missing to two kinds of proof.', {
    acr_values: 'aal2',
  }),
  variant('Ask for consent', 'First-party applications answer it by themselves.', {
    prompt: 'consent',
  }),
  variant('Without any page', 'An answer at once: signed in, or login_required.', {
    prompt: 'none',
  }),
  variant(
    'Pushed request',
    'Parameters go from server to server first (PAR).',
    { pushed: '1' },
    'PAR',
  ),
  variant('In German', 'The pages in the language that the application asks for.', {
    ui_locales: 'de',
  }),
  variant('In Arabic', 'The same, from right to left.', { ui_locales: 'ar' }),
  ...(api
    ? [
        variant(
          'Token for an API',
          'A signed access token (JWT) for one resource.',
          { resource: api.resource, scope: `${defaultScope} ${api.scope}` },
          `resource=${api.resource}`,
        ),
      ]
    : []),
]
