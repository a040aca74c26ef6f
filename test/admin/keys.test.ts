import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const server = await startManaged({ after })
const other = await startServer(
  { after },
  {
    databaseUrl: server.databaseUrl!,
    baseUrl: server.baseUrl,
    config: { clients: [program('ops')] },
  },
)
const sql = database({ after }, server)

const published = async (from: typeof server) => {
  const answer = await from.fetch(`${server.issuer}/jwks`)
  return (await answer.json()) as Parameters<typeof createLocalJWKSet>[0]
}
const kidsOf = async (from: typeof server, alg = 'ES256') =>
  (await published(from)).keys.filter((key) => key.alg === alg).map(({ kid }) => kid!)

/** Waits for what another process does within some seconds. */
const eventually = async (is: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 30_000
  while (!(await is())) {
    assert.ok(Date.now() < deadline, 'It did not come to pass')
    await sleep(200)
  }
}

test('a new key is published before it signs, and the old one stays until its tokens are over', async () => {
  const api = await ops(server)
  const [before] = await kidsOf(server)
  const { status, body } = await api.call('POST', '/keys/rotate', { alg: 'ES256' })
  assert.equal(status, 200)
  const ours = body.data.filter(({ alg }: { alg: string }) => alg === 'ES256')
  assert.deepEqual(ours.map(({ state }: { state: string }) => state).sort(), ['next', 'signing'])
  assert.doesNotMatch(JSON.stringify(body), /private|"d"/)

  const next = ours.find(({ state }: { state: string }) => state === 'next').kid
  const token = await accessToken(server, 'ops')
  assert.equal(decodeProtectedHeader(token).kid, before)
  await eventually(async () => (await kidsOf(other)).includes(next))

  // An hour later.
  await sql("update signing_keys set signs_from = signs_from - interval '2 hours'")
  for (const each of [server, other]) {
    await eventually(async () => {
      const fresh = await accessToken(each, 'ops')
      return decodeProtectedHeader(fresh).kid === next
    })
    await jwtVerify(token, createLocalJWKSet(await published(each)))
    assert.equal((await apiOf(each, token).call('GET', '/keys')).status, 200)
  }

  // A day after that.
  await sql('update signing_keys set retired_at = now() where retired_at is not null')
  await eventually(async () => !(await kidsOf(server)).includes(before!))
  assert.equal((await apiOf(server, token).call('GET', '/keys')).status, 401)
})

test('a second rotation waits for the first', async () => {
  const api = await ops(server)
  assert.equal((await api.call('POST', '/keys/rotate', { alg: 'RS256' })).status, 200)
  const { status, body } = await api.call('POST', '/keys/rotate', { alg: 'RS256' })
  assert.equal(status, 409)
  assert.equal(body.code, 'in_progress')
})

test('of many who rotate at once, one key is made', async () => {
  await sql("update signing_keys set signs_from = now() - interval '1 hour'")
  const api = await ops(server)
  const before = (await kidsOf(server, 'RS256')).length
  const all = await Promise.all(
    Array.from({ length: 10 }, () => api.call('POST', '/keys/rotate', { alg: 'RS256' })),
  )
  assert.equal(all.filter(({ status }) => status === 200).length, 1)
  assert.equal((await kidsOf(server, 'RS256')).length, before + 1)
})

test('a key that somebody else may have is good no more at once', async () => {
  const api = await ops(server)
  const rotated = await api.call('POST', '/keys/rotate', { alg: 'ES256', atOnce: true })
  assert.equal(rotated.status, 200)
  assert.equal((await api.call('GET', '/keys')).status, 401)
  const fresh = await ops(server)
  assert.equal((await fresh.call('GET', '/keys')).status, 200)
  assert.equal((await kidsOf(server)).length, 1)
})
