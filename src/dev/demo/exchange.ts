import type { CustomFetch, CustomFetchOptions, ServerMetadata } from 'openid-client'

export type Pair = readonly [name: string, value: string]

/** One request of a sign-in, as it went over the wire, secrets and all. */
export interface Exchange {
  /** Who made it: the person's browser, sent there by a redirect, or this application. */
  by: 'browser' | 'application'
  name: string
  method: string
  /** With the query. */
  url: string
  headers: readonly Pair[]
  /** Query or form fields. */
  parameters: readonly Pair[]
  /** Null where nothing came back, or where the browser got it. */
  answer: { status: number; type: string; body: string } | null
}

/** Keeps an exchange for the page. */
export type Recorder = (exchange: Exchange) => void

const keptCharacters = 20_000

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** The same request as a command for a POSIX shell. */
export const curl = ({ method, url, headers, parameters }: Exchange): string =>
  [
    `curl -si ${quoted(url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(method === 'POST'
      ? parameters.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
      : []),
  ].join(' \\\n  ')

/** A request that a redirect makes the browser send. */
export const byBrowser = (name: string, url: URL): Exchange => ({
  by: 'browser',
  name,
  method: 'GET',
  url: url.href,
  headers: [],
  parameters: [...url.searchParams],
  answer: null,
})

const tokenRequests: { [grantType: string]: string } = {
  authorization_code: 'Token request: the code for tokens',
  refresh_token: 'Token request: a refresh token for new tokens',
}

const nameOf = (url: string, fields: URLSearchParams, server: ServerMetadata | null): string => {
  if (url === server?.token_endpoint) {
    return tokenRequests[fields.get('grant_type') ?? ''] ?? 'Token request'
  }
  if (url === server?.userinfo_endpoint) return 'Userinfo request'
  if (url === server?.jwks_uri) return 'Signing keys, to check the ID token'
  if (url === server?.pushed_authorization_request_endpoint) return 'Pushed authorization request'
  return 'Discovery'
}

const formOf = ({ body }: CustomFetchOptions): URLSearchParams => {
  if (body instanceof URLSearchParams) return body
  return new URLSearchParams(typeof body === 'string' ? body : '')
}

const shownHeaders = ['authorization', 'content-type']

const headersOf = (options: CustomFetchOptions): Pair[] =>
  Object.entries(options.headers).filter(([name]) => shownHeaders.includes(name.toLowerCase()))

const answerOf = async (response: Response): Promise<Exchange['answer']> => ({
  status: response.status,
  type: response.headers.get('content-type') ?? '',
  body: (await response.text()).slice(0, keptCharacters),
})

/** The `fetch` for openid-client that tells what it does, also where nothing comes back. */
export const recordingFetch =
  (record: Recorder, server: ServerMetadata | null): CustomFetch =>
  async (url, options) => {
    const fields = formOf(options)
    const exchange: Exchange = {
      by: 'application',
      name: nameOf(url, fields, server),
      method: options.method,
      url,
      headers: headersOf(options),
      parameters: [...fields],
      answer: null,
    }
    try {
      const response = await fetch(url, options as RequestInit)
      exchange.answer = await answerOf(response.clone())
      return response
    } finally {
      record(exchange)
    }
  }
