/** A relying party that hears of ended sessions, and checks what it hears as the specification says. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Fetch } from '../support/loopback.ts'
import { type RelyingParty, relyingParty } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'

export interface Heard {
  method: string
  type: string
  body: string
  token: string
  /** Not checked yet. */
  claims: JWTPayload & { sid?: string }
}

export type Answer = (response: ServerResponse, heard: Heard, number: number) => unknown

export interface Listener {
  url: string
  heard: Heard[]
  /** From now on. */
  answer(how: Answer): void
  /** Waits until that session has ended. */
  untilEnded(sid: unknown): Promise<Heard>
}

const patienceMs = 20_000

/** Listens until `scope` ends; says 200 unless told otherwise. */
export const listener = async (scope: Scope): Promise<Listener> => {
  const heard: Heard[] = []
  let answer: Answer = (response) => response.writeHead(200).end()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString()
    const token = new URLSearchParams(body).get('logout_token') ?? ''
    const one: Heard = {
      method: request.method!,
      type: request.headers['content-type'] ?? '',
      body,
      token,
      claims: decodeJwt(token),
    }
    heard.push(one)
    answer(response, one, heard.length)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`,
    heard,
    answer(how) {
      answer = how
    },
    async untilEnded(sid) {
      const deadline = Date.now() + patienceMs
      for (;;) {
        const found = heard.find(({ claims }) => claims.sid === sid)
        if (found) return found
        assert.ok(Date.now() < deadline, `Heard ${heard.length}: ${heard.map(({ body }) => body)}`)
        await sleep(20)
      }
    },
  }
}

export interface HearingParty extends RelyingParty, Omit<Listener, 'url'> {}

export const hearingParty = async (
  scope: Scope,
  clientId: string,
  registration: Record<string, unknown> = {},
): Promise<HearingParty> => {
  const { url, ...ears } = await listener(scope)
  const party = await relyingParty(scope, {
    clientId,
    registration: {
      backchannel_logout_uri: url,
      backchannel_logout_session_required: true,
      ...registration,
    },
  })
  return { ...party, ...ears }
}

const event = 'http://schemas.openid.net/event/backchannel-logout'

/** Section 2.6, step by step. */
export const validate = async (
  { fetch, issuer }: { fetch: Fetch; issuer: string },
  { method, type, body, token }: Heard,
  { clientId, alg, seen }: { clientId: string; alg: string; seen: Set<string> },
): Promise<JWTPayload & { sid: string; sub: string }> => {
  assert.equal(method, 'POST')
  assert.equal(type, 'application/x-www-form-urlencoded')
  assert.deepEqual([...new URLSearchParams(body).keys()], ['logout_token'])
  const keys = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer,
    audience: clientId,
    algorithms: [alg],
    typ: 'logout+jwt',
    maxTokenAge: 120,
    requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events', 'sub', 'sid'],
  })
  assert.ok(protectedHeader.kid)
  assert.equal(payload.aud, clientId, 'nobody else could take it for theirs')
  assert.ok(payload.exp! - payload.iat! <= 120)
  assert.deepEqual(payload.events, { [event]: {} })
  assert.ok(!('nonce' in payload))
  assert.ok(!seen.has(payload.jti!), 'it was not there before')
  seen.add(payload.jti!)
  return payload as JWTPayload & { sid: string; sub: string }
}
