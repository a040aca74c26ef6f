import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startProvider } from './provider.ts'

const shop = await relyingParty(
  { after },
  { clientSecret: 'Zk3vXW8pQ1rT5yU7iO9aS2dF4gH6jK0lZxCvBnM1qWe' },
)
shop.registration.redirect_uris = ['https://shop.example/callback']
const server = await startProvider({ after }, [shop], { production: true })

const authorize = async (changes: Record<string, string>) => {
  const { url } = await shop.authorize({
    redirect_uri: 'https://shop.example/callback',
    ...changes,
  })
  return visitor(server).open(url)
}

test('behind a proxy every endpoint is at the public address', async () => {
  const answer = await server.fetch(`${server.issuer}/.well-known/openid-configuration`)
  const metadata = (await answer.json()) as Record<string, unknown>
  assert.equal(metadata.issuer, 'https://id.example.com/oidc')
  for (const [name, value] of Object.entries(metadata)) {
    if (!/_endpoint$|_uri$/.test(name) || name.startsWith('request')) continue
    assert.match(String(value), /^https:\/\/id\.example\.com\/oidc\//, name)
  }
})

test('a proxy that passes on another host name gets nothing', async () => {
  const answer = await server.fetch(`${server.issuer}/.well-known/openid-configuration`, {
    headers: { 'x-forwarded-host': 'evil.example' },
  })
  assert.equal(answer.status, 421)
})

test('a page about a wrong request tells nothing of the application', async () => {
  const wrong = await authorize({ redirect_uri: 'https://evil.example/' })
  const unknown = await visitor(server).open(`${server.issuer}/auth?client_id=nobody`)
  for (const visit of [wrong, unknown]) {
    assert.equal(visit.status, 400)
    assert.equal(visit.left, null)
    assert.doesNotMatch(visit.html, /shop\.example/)
    assert.doesNotMatch(visit.text, /evil\.example|nobody/)
  }
})

test('cookies are bound to https and to this host', async () => {
  const browser = visitor(server)
  const { url } = await shop.authorize({ redirect_uri: 'https://shop.example/callback' })
  await browser.open(url)
  await browser.open(`${server.issuer}/device`)
  const cookies = browser.jar.all()
  const session = cookies.find(({ name }) => name === '__Host-avouch_session')
  assert.equal(session?.path, '/')
  for (const { name, secure, httpOnly } of cookies) {
    assert.ok(secure && httpOnly, name)
    assert.match(name, /^__(Host|Secure)-/)
  }
})

test('there is no demo app, no inbox and no client of theirs', async () => {
  for (const path of ['/dev/inbox', '/dev/inbox/messages']) {
    assert.equal((await server.fetch(server.baseUrl + path)).status, 404)
  }
  const visit = await visitor(server).open(`${server.issuer}/auth?client_id=demo`)
  assert.equal(visit.status, 400)
})
