/** An API and its client as RFC 9470 has them: the API says what it lacks, the client goes and gets it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { tokensOf } from '../flows/site.ts'
import type { Visitor } from '../support/http.ts'
import { goThrough, type Member, openMembers } from './member.ts'

const indicator = 'https://api.shop.example'
const site = await openMembers({ after }, { resources: [{ indicator, scopes: ['orders:pay'] }] })
const { issuer, fetch } = site.server
const keys = createLocalJWKSet((await (await fetch(`${issuer}/jwks`)).json()) as never)

interface Wants {
  acr?: string
  maxAge?: number
}

/** The resource server: all it knows is the token, the issuer's keys and what it asks for itself. */
async function payOrder(
  authorization: string,
  wants: Wants,
): Promise<{ status: number; challenge: string | null; claims: JWTPayload | null }> {
  const refuse = (error: string, more = '') => ({
    status: 401,
    challenge: `Bearer error="${error}"${more}`,
    claims: null,
  })
  try {
    const { payload } = await jwtVerify(authorization.replace(/^Bearer /, ''), keys, {
      issuer,
      audience: indicator,
      typ: 'at+jwt',
    })
    const strong = !wants.acr || payload.acr === wants.acr
    const age = Date.now() / 1000 - Number(payload.auth_time)
    if (strong && (wants.maxAge === undefined || age <= wants.maxAge)) {
      return { status: 200, challenge: null, claims: payload }
    }
    return refuse(
      'insufficient_user_authentication',
      [
        ', error_description="Prove again who you are"',
        wants.acr ? `, acr_values="${wants.acr}"` : '',
        wants.maxAge === undefined ? '' : `, max_age="${wants.maxAge}"`,
      ].join(''),
    )
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    return refuse('invalid_token')
  }
}

/** The client's part: parameters of the next request, as the challenge says. */
const parametersOf = (challenge: string): Record<string, string> => {
  const named = [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
    name!,
    value!,
  ])
  return Object.fromEntries(named.filter(([name]) => name === 'acr_values' || name === 'max_age'))
}

const asked = { resource: indicator, scope: 'openid orders:pay' }

/** What the client does for each payment: tries, and steps up if it is told to. */
async function pay(person: Visitor, member: Member, token: string, wants: Wants) {
  const refused = await payOrder(`Bearer ${token}`, wants)
  if (refused.status === 200) return { token, pages: [], claims: refused.claims! }
  assert.match(refused.challenge!, /error="insufficient_user_authentication"/)
  const arrival = await site.arrive({ ...asked, ...parametersOf(refused.challenge!) }, { person })
  const pages = await goThrough(site, person, member, { first: 'email-code' })
  const { access_token } = await tokensOf(arrival)
  const { status, claims } = await payOrder(`Bearer ${access_token}`, wants)
  assert.equal(status, 200, 'what was asked for is what came back')
  return { token: access_token, pages, claims: claims! }
}

test('an API asks for more than a token shows, and its client comes back with it', async () => {
  const member = await site.member(['email', 'totp', 'password'])
  const arrival = await site.arrive(asked)
  const { person } = arrival
  await goThrough(site, person, member, { first: 'email-code' })
  const first = (await tokensOf(arrival)).access_token

  const plain = await pay(person, member, first, {})
  assert.equal(plain.claims.acr, 'aal1')
  assert.deepEqual(plain.pages, [])

  const strong = await pay(person, member, first, { acr: 'aal2' })
  assert.deepEqual(strong.pages, ['password'], 'only what is missing')
  assert.equal(strong.claims.acr, 'aal2')
  assert.deepEqual((await pay(person, member, strong.token, { acr: 'aal2' })).pages, [])
  assert.equal(
    (await payOrder(`Bearer ${first}`, { acr: 'aal2' })).status,
    401,
    'the old one stays',
  )
})

test('an API asks for a sign-in that is younger', async () => {
  const member = await site.member(['email', 'phone'])
  const arrival = await site.arrive(asked)
  const { person } = arrival
  await goThrough(site, person, member, { first: 'email-code' })
  const { access_token } = await tokensOf(arrival)
  await site.sql(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{loginTs}',
       to_jsonb((payload::jsonb ->> 'loginTs')::int - 1000))::text where account_id = $1`,
    [member.id],
  )
  const older = await tokensOf(await site.arrive(asked, { person }))
  const young = await pay(person, member, older.access_token, { maxAge: 300 })
  assert.deepEqual(young.pages, ['email-code'])
  assert.ok(Date.now() / 1000 - Number(young.claims.auth_time) < 60)
  assert.ok(access_token)
})

test('a refreshed token says of the sign-in what it said before', async () => {
  const member = await site.member(['email'])
  const arrival = await site.arrive({ ...asked, scope: 'openid orders:pay offline_access' })
  await goThrough(site, arrival.person, member, { first: 'email-code' })
  const tokens = await tokensOf(arrival)
  const before = (await payOrder(tokens.access_token, {})).claims!
  const refreshed = await site.shop.refresh(tokens, { resource: indicator })
  const after = (await payOrder(refreshed.access_token, {})).claims!
  assert.deepEqual([after.acr, after.auth_time], [before.acr, before.auth_time])
  assert.equal((await payOrder(refreshed.access_token, { acr: 'aal2' })).status, 401)
})
