import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { ExchangeView, RefusedPage, SignedInPage } from '../pages.ts'
import { curl, type Exchange } from './exchange.ts'
import type { SignedIn } from './sessions.ts'
import { claimMeanings, parameterMeanings, proofInWords } from './words.ts'

export interface Meaning {
  name: string
  value: string
  meaning: string | null
}

export interface Claim extends Meaning {
  /** The instant that the value stands for. */
  instant: string | null
}

export interface Token {
  name: string
  use: string
  raw: string
  /** Null for what is opaque to the application. */
  decoded: { header: string; payload: string } | null
  note: string
}

const instants = ['exp', 'iat', 'nbf', 'auth_time', 'updated_at']
const json = (value: unknown): string => JSON.stringify(value, null, 2)
const inline = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

const instantOf = (name: string, value: unknown): string | null =>
  instants.includes(name) && typeof value === 'number' && Math.abs(value) < 8e12
    ? clock.format(new Date(value * 1000))
    : null

/** What people look for first comes first; the rest as the provider sent it. */
const order = ['sub', 'name', 'email', 'phone_number', 'acr', 'amr', 'auth_time', 'sid', 'nonce']
const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)

export const presentClaims = (claims: { readonly [claim: string]: unknown }): readonly Claim[] =>
  Object.entries(claims)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => ({
      name,
      value: inline(value),
      instant: instantOf(name, value),
      meaning: claimMeanings[name] ?? null,
    }))

const decoded = (token: string): Token['decoded'] => {
  try {
    return { header: json(decodeProtectedHeader(token)), payload: json(decodeJwt(token)) }
  } catch {
    return null
  }
}

const presentTokens = ({ tokens, resource }: SignedIn): readonly Token[] => {
  const until = tokens.expiresAt ? `Works until ${clock.format(tokens.expiresAt)}. ` : ''
  const access = resource ? `For ${resource}.` : 'Opens userinfo.'
  return [
    {
      name: 'ID token',
      use: 'Tells this application who signed in, and how.',
      raw: tokens.idToken,
      decoded: decoded(tokens.idToken),
      note: 'Its signature was checked against the keys of the provider.',
    },
    {
      name: 'Access token',
      use: access,
      raw: tokens.accessToken,
      decoded: decoded(tokens.accessToken),
      note: `${until}Scope: ${tokens.scope ?? 'as asked for'}.`,
    },
    ...(tokens.refreshToken
      ? [
          {
            name: 'Refresh token',
            use: 'Gets new tokens without the person.',
            raw: tokens.refreshToken,
            decoded: null,
            note: 'A public client gets a new one at every use; the old one then stops working.',
          },
        ]
      : []),
  ]
}

const pretty = ({ type, body }: NonNullable<Exchange['answer']>): string => {
  if (!type.includes('json')) return body
  try {
    return json(JSON.parse(body))
  } catch {
    return body
  }
}

const presentExchange = (exchange: Exchange): ExchangeView => ({
  ...exchange,
  answer: exchange.answer && { ...exchange.answer, body: pretty(exchange.answer) },
  command: curl(exchange),
  rows: exchange.parameters.map(([name, value]) => ({
    name,
    value,
    meaning: parameterMeanings[name] ?? null,
  })),
})

export const presentExchanges = (exchanges: readonly Exchange[]): RefusedPage['exchanges'] =>
  exchanges.map(presentExchange)

const firstText = (...values: readonly unknown[]): string =>
  values.find((value) => typeof value === 'string' && value !== '') as string

/** What the page of a signed-in person shows, apart from what all pages of the demo have. */
export const presentSignedIn = (
  signedIn: SignedIn,
): Pick<
  SignedInPage,
  'name' | 'proof' | 'claims' | 'userinfo' | 'tokens' | 'exchanges' | 'canRefresh'
> => {
  const { claims, refreshToken } = signedIn.tokens
  const amr = Array.isArray(claims.amr) ? claims.amr.map(String) : []
  return {
    name: firstText(
      claims.name,
      claims.email,
      claims.phone_number,
      claims.preferred_username,
      claims.sub,
    ),
    proof: proofInWords(amr),
    claims: presentClaims(claims),
    userinfo: signedIn.userinfo && presentClaims(signedIn.userinfo),
    tokens: presentTokens(signedIn),
    exchanges: presentExchanges(signedIn.exchanges),
    canRefresh: refreshToken !== null,
  }
}
