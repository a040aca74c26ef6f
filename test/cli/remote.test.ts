import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openRemotely } from '#src/cli/remote.ts'

const document = {
  paths: { '/works/{id}': { get: { operationId: 'works.read' } } },
  components: {
    securitySchemes: { oauth: { flows: { clientCredentials: { scopes: { 'users:read': '' } } } } },
  },
}

test('whoever follows long work gets a new token before the one they have ends', async (t) => {
  let made = 0
  let livesSeconds = 600
  // Stands in for a server whose tokens have ended, which a real one's do after ten minutes.
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/api/openapi.json') return answer(200, document)
    if (request.url === '/oidc/token') {
      return answer(200, { access_token: `token-${++made}`, expires_in: livesSeconds })
    }
    const newest = request.headers.authorization === `Bearer token-${made}`
    return newest
      ? answer(200, { token: made })
      : answer(401, { code: 'unauthenticated', title: 'No' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())

  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const calls = await openRemotely({ baseUrl, credentials: { clientId: 'x', secret: 'y' } })
  const ask = () => calls.call<{ token: number }>('works.read', { params: { id: 'w' } })
  assert.deepEqual([await ask(), await ask()], [{ token: 1 }, { token: 1 }])

  livesSeconds = 30
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 550_000 })
  assert.deepEqual(await ask(), { token: 2 })
  assert.deepEqual(await ask(), { token: 3 })
})
