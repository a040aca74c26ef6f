/** Pages of another host that draw their own account pages, in a browser that asks whether they may. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { codeIn, startProduction } from '../hostile/production.ts'
import { withBrowser } from '../support/browser.ts'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { certificate, privateKey } from '../support/tls.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

const api_scopes = ['account:read', 'account:write']
const app = await relyingParty({ after }, { clientSecret: null, registration: { api_scopes } })
const { server, emailTo } = await startProduction(
  { after },
  {
    clients: [app.registration],
    passkeys: { related_origins: ['https://shop.example'] },
    sign_in_experience: { identifiers: ['email'], profile: [] },
  },
)
await app.discover(server)

/** The port of a site that speaks https. */
const site = async (scope: Scope, listener: RequestListener): Promise<number> => {
  const https = createServer({ cert: certificate, key: privateKey }, listener)
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  scope.after(() => {
    https.close()
    https.closeAllConnections()
  })
  return (https.address() as AddressInfo).port
}

const asked: string[] = []
const id = await site({ after }, async ({ url = '' }, response) => {
  asked.push(url)
  const answer = await server.fetch(`${server.baseUrl}${url}`)
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
  response.end(await answer.text())
})
const other = await site({ after }, (_asked, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><title>Own pages</title>')
})

/** Somebody's token for their account, got in a browser of theirs elsewhere. */
const tokenOf = async (email: string): Promise<string> => {
  const request = await app.authorize({
    scope: `openid ${api_scopes.join(' ')}`,
    resource: `${server.baseUrl}/account/api`,
  })
  const person = visitor(server)
  await person.open(request.url)
  await person.submit('identify', { identifier: email })
  await person.submit('verify/email-code', { code: codeIn(await emailTo(email)) })
  if (!person.here().left) await person.submit('consent', { decision: 'allow' })
  return (await app.exchange(request, person.here().left!)).access_token
}

const call = async (token: string, path: string, body?: object) => {
  const answer = await server.fetch(`${server.baseUrl}/account/api${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('a site that is named makes passkeys of this host on its own pages, and no other does', async (t) => {
  const token = await tokenOf('related@example.com')
  const hosts = { 'id.example.com': id, 'shop.example': other, 'elsewhere.example': other }
  const { page } = await withBrowser(t, { hosts })
  const device = await addAuthenticator(page)
  const make = async (options: object): Promise<string> =>
    page.evaluate(`(async () => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)})
      try {
        return JSON.stringify(await navigator.credentials.create({ publicKey }))
      } catch (error) {
        return error.name
      }
    })()`)

  const { status, body: options } = await call(token, '/passkeys/options')
  assert.equal(status, 200, JSON.stringify(options))
  await page.goto('https://elsewhere.example/')
  assert.equal(await make(options), 'SecurityError')
  assert.deepEqual(asked, ['/.well-known/webauthn'])

  await page.goto('https://shop.example/')
  const response = await make(options)
  assert.match(response, /"clientDataJSON"/)
  const kept = await call(token, '/passkeys', { response })
  assert.equal(kept.status, 201, JSON.stringify(kept.body))
  assert.equal((await device.credentials()).length, 1)
})
