import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { managementScopes } from '#src/admin/index.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { startServer } from '../support/server.ts'
import { accessToken, apiOf } from './api.ts'

// The one that `accessToken` uses.
const MANAGEMENT_CLIENT_SECRET = 'a-management-secret-for-tests-only-a-secret'

test('the environment declares the first management client, which may do everything', async () => {
  const { url, drop } = await createDatabase()
  after(drop)
  const env = { MANAGEMENT_CLIENT_SECRET }
  const server = await startServer({ after }, { databaseUrl: url, env })
  const api = apiOf(server, await accessToken(server, 'management'))
  const { status, body } = await api.call('GET', '/clients/management')
  assert.equal(status, 200)
  assert.equal(body.managed_by_file, true)
  assert.deepEqual(body.api_scopes, [...managementScopes])
  assert.equal((await api.call('DELETE', '/clients/management')).body.code, 'managed_by_file')
  assert.ok(!server.output().includes(MANAGEMENT_CLIENT_SECRET))
  await server.stop()

  const without = await startServer({ after }, { databaseUrl: url })
  const released = apiOf(without, await accessToken(without, 'management'))
  assert.equal((await released.call('GET', '/clients/management')).body.managed_by_file, false)
  assert.equal((await released.call('DELETE', '/clients/management')).status, 204)
  assert.equal((await released.call('GET', '/clients')).status, 401)
})
