import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as client from 'openid-client'
import { race } from '../support/race.ts'
import type { Tokens } from '../support/relying-party.ts'
import { assertLive, assertRevoked, crowd, deploy } from './deployment.ts'

const avouch = await deploy({ after })
const { shop, app, sql } = avouch

/** Asserts that all but one were refused as the protocol says. */
function assertOneWins(
  { won, lost }: { won: Tokens[]; lost: unknown[] },
  error = 'invalid_grant',
): Tokens {
  assert.deepEqual(
    new Set(lost.map((each) => (each as client.ResponseBodyError).error)),
    new Set([error]),
  )
  assert.equal(won.length, 1)
  return won[0]!
}

/** As if what was consumed had been consumed eleven seconds ago. */
const letTimePass = (kind: string) =>
  sql(
    `update oidc_tokens set consumed_at = consumed_at - interval '11 seconds'
      where kind = $1 and consumed_at is not null`,
    [kind],
  )

test('of a hundred who redeem one authorization code, one gets tokens, and they work', async () => {
  const { request, callbackUrl } = await avouch.signIn('code@example.com')
  const exchange = () => shop.exchange(request, callbackUrl)
  const tokens = assertOneWins(await race(crowd, exchange))
  await assertLive(shop, tokens)
  await assert.rejects(exchange(), { error: 'invalid_grant' })
  await assertLive(shop, tokens)

  await letTimePass('AuthorizationCode')
  await assert.rejects(exchange(), { error: 'invalid_grant' })
  await assertRevoked(shop, tokens)
})

test('of a hundred who use one rotating refresh token, one gets tokens, and they work', async () => {
  const { request, callbackUrl } = await avouch.signIn('refresh@example.com', app, {
    prompt: 'consent',
  })
  const first = await app.exchange(request, callbackUrl)
  const refresh = () => app.refresh(first)
  const second = assertOneWins(await race(crowd, refresh))
  assert.notEqual(second.refresh_token, first.refresh_token)
  assert.ok((await app.userinfo(second)).sub)
  const third = await app.refresh(second)

  await letTimePass('RefreshToken')
  await assert.rejects(refresh(), { error: 'invalid_grant' })
  await assertRevoked(app, third)
})

test('of a hundred who open one pushed request while signed in, one gets a code', async () => {
  const [one, other] = [
    await avouch.signIn('one@example.com'),
    await avouch.signIn('other@example.com'),
  ]
  const request = await shop.push({ scope: 'openid offline_access' })
  const copies = Array.from({ length: crowd }, (_, index) =>
    (index % 2 ? one : other).person.copy(),
  )
  const { won, lost } = await race(crowd, (index) => copies[index]!.open(request.url))
  assert.deepEqual(lost, [])
  const answers = won.map(({ left }) => new URL(left!).searchParams)
  assert.equal(answers.filter((answer) => answer.has('code')).length, 1)
  assert.deepEqual(
    new Set(answers.map((answer) => answer.get('error'))),
    new Set([null, 'invalid_request_uri']),
  )
  const back = won.find(({ left }) => new URL(left!).searchParams.has('code'))!
  await assertLive(shop, await shop.exchange(request, back.left!))
})

test('of a hundred who open one pushed request and then sign in, one gets a code', async () => {
  const request = await shop.push()
  const { person } = await avouch.arrive()
  await person.open(request.url)
  await person.submit('identify', { identifier: 'pushed@example.com' })
  const code = await avouch.mail.codeFor('pushed@example.com')
  const copies = Array.from({ length: crowd }, () => person.copy())
  const { won } = await race(crowd, (index) => copies[index]!.submit('verify/email-code', { code }))
  const back = won.filter(({ left }) => left !== null)
  assert.equal(back.length, 1)
  assert.ok((await shop.userinfo(await shop.exchange(request, back[0]!.left!))).sub)
})

/** Sends the proof of its first request with all others. */
const sameProof = (handle: client.DPoPHandle): client.DPoPHandle => {
  const { addProof } = handle as unknown as DPoPInternals
  let first: Promise<string> | null = null
  const make = async (...[url, headers, ...rest]: Parameters<DPoPInternals['addProof']>) => {
    await addProof.call(handle, url, headers, ...rest)
    return headers.get('dpop')!
  }
  return Object.assign(handle, {
    async addProof(...[url, headers, ...rest]: Parameters<DPoPInternals['addProof']>) {
      first ??= make(url, headers, ...rest)
      headers.set('dpop', await first)
    },
  })
}

interface DPoPInternals {
  addProof(url: URL, headers: Headers, method: string, token?: string): Promise<void>
}

test('a DPoP proof is good for one request of a hundred', async () => {
  const { request, callbackUrl } = await avouch.signIn('dpop@example.com')
  const { refresh_token: token } = await shop.exchange(request, callbackUrl)
  const config = shop.config()
  const keys = await client.randomDPoPKeyPair('ES256')
  const fresh = () => client.getDPoPHandle(config, keys)
  const refresh = (DPoP: client.DPoPHandle) =>
    client.refreshTokenGrant(config, token!, {}, { DPoP })

  const once = sameProof(fresh())
  const tokens = assertOneWins(await race(crowd, () => refresh(once)))
  assert.equal(tokens.token_type.toLowerCase(), 'dpop')
  assert.ok((await refresh(fresh())).access_token, 'with a proof of its own the next one works')

  const userinfo = (DPoP: client.DPoPHandle) =>
    client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck, { DPoP })
  const shown = sameProof(fresh())
  assert.equal((await race(crowd, () => userinfo(shown))).won.length, 1)
  assert.ok((await userinfo(fresh())).sub, 'the winner’s token works')
})

test('of a hundred who bring one code with one DPoP proof, one gets tokens', async () => {
  const { request, callbackUrl } = await avouch.signIn('dpop-code@example.com')
  const config = shop.config()
  const proof = sameProof(client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')))
  const checks = {
    pkceCodeVerifier: request.verifier,
    expectedState: request.state,
    expectedNonce: request.nonce,
  }
  const exchange = () =>
    client.authorizationCodeGrant(config, new URL(callbackUrl), checks, {}, { DPoP: proof })
  const tokens = assertOneWins(await race(crowd, exchange))
  assert.equal(tokens.token_type.toLowerCase(), 'dpop')
})
