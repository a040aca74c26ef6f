import { type Browser, browser, expectStatus, type Send } from './http.ts'
import { pkce, scope, type Target } from './setting.ts'

export interface Client {
  client_id: string
  client_secret?: string
  redirect_uris: readonly string[]
}

export interface Tokens {
  access_token: string
  refresh_token: string
  id_token: string
}

/** The relying party's authentication: the Basic scheme, or its name alone without a secret. */
const credentials = ({ client_id, client_secret }: Client) =>
  client_secret
    ? { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` }
    : null

export const authorizePath = (
  { prefix }: Target,
  { client_id, redirect_uris }: Client,
  prompt?: 'none',
): string =>
  `${prefix}/auth?${new URLSearchParams({
    client_id,
    redirect_uri: redirect_uris[0]!,
    response_type: 'code',
    scope,
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    state: 'f7Yk2mQ9',
    nonce: 'b4Tz8wX1',
    ...(prompt ? { prompt } : {}),
  })}`

/** @throws Error when the answer does not lead to the client with a code */
export const codeFrom = (location: string): string => {
  const code = URL.parse(location)?.searchParams.get('code')
  if (!code) throw new Error(`There is no code in ${location}`)
  return code
}

/** What a client asks of the token endpoint. */
export const askToken = async (
  send: Send,
  { prefix }: Target,
  client: Client,
  form: Record<string, string>,
): Promise<Tokens> => {
  const basic = credentials(client)
  const answer = await send({
    path: `${prefix}/token`,
    form: basic ? form : { ...form, client_id: client.client_id },
    ...(basic ? { headers: basic } : {}),
  })
  return JSON.parse(expectStatus(answer, 200, `token ${form.grant_type}`).body)
}

export const exchange = (send: Send, target: Target, client: Client, code: string) =>
  askToken(send, target, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirect_uris[0]!,
    code_verifier: pkce.verifier,
  })

export const readUserinfo = async (send: Send, { prefix }: Target, token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  return expectStatus(await send({ path: `${prefix}/me`, headers }), 200, 'userinfo')
}

export interface Person {
  phone: string
  /** The browser's address. */
  address: string
  /** Reads the text message that this number gets. */
  code: (phone: string) => Promise<string>
}

/** A browser from the client to its callback, by a code in a text message. */
const viaTextMessage = async (
  { send }: Browser,
  target: Target,
  client: Client,
  { phone, code }: Person,
): Promise<string> => {
  const started = await send({ path: authorizePath(target, client) })
  const page = expectStatus(started, 303, 'authorize').location
  expectStatus(await send({ path: page }), 200, 'page')
  const arriving = code(phone)
  const identified = await send({ path: `${page}/identify`, form: { identifier: phone } })
  expectStatus(identified, 303, 'identify')
  expectStatus(await send({ path: identified.location }), 200, 'code page')
  const form = { code: await arriving }
  const verified = await send({ path: `${page}/verify/sms-code`, form })
  expectStatus(verified, 303, 'verify')
  const resumed = await send({ path: verified.location })
  return codeFrom(expectStatus(resumed, 303, 'resume').location)
}

/** The bare library asks nothing: three redirects. */
const atOnce = async ({ send }: Browser, target: Target, client: Client): Promise<string> => {
  let answer = await send({ path: authorizePath(target, client) })
  for (const _ of ['interaction', 'resume']) answer = await send({ path: answer.location })
  return codeFrom(answer.location)
}

export interface SignedIn {
  /** Value of the Cookie header for silent requests. */
  cookie: string
  tokens: Tokens
}

/** All requests that a browser and its relying party make, but for what browsers cache. */
export const signIn = async (
  send: Send,
  target: Target,
  client: Client,
  person: Person,
): Promise<SignedIn> => {
  const visitor = browser(send, target, person.address)
  const code =
    target.name === 'bare'
      ? await atOnce(visitor, target, client)
      : await viaTextMessage(visitor, target, client, person)
  const tokens = await exchange(send, target, client, code)
  await readUserinfo(send, target, tokens.access_token)
  return { cookie: visitor.jar.header(new URL(`${target.prefix}/auth`, target.origin)), tokens }
}
