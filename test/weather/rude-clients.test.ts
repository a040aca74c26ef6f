import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { clients: [shop.registration], sign_in_experience: { profile: [] } } },
)
await shop.discover(server)
const mail = inbox(server)
const { hostname, port } = new URL(server.address)
const { host } = new URL(server.baseUrl)

/** A request as it would not be sent by a browser. */
const send = (
  path: string,
  headers: Record<string, string | string[]>,
  body: Buffer | null = null,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method: body ? 'POST' : 'GET', headers: { host, ...headers } },
      (answer) => resolve(answer.resume().statusCode!),
    )
    sent.on('error', reject)
    sent.end(body)
  })

const form = { 'content-type': 'application/x-www-form-urlencoded' }

test('whoever sends the head of a request drop by drop is cut off', async () => {
  const begun = performance.now()
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`GET /oidc/jwks HTTP/1.1\r\nhost: ${host}\r\n`)
  const drops = setInterval(() => socket.write('x-slow: 1\r\n'), 500)
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'close')
  clearInterval(drops)
  assert.ok(performance.now() - begun < 25_000)
})

test('what is too large is refused by its size', async () => {
  const large = Buffer.from(`code=${'x'.repeat(2_000_000)}`)
  assert.equal(await send('/oidc/token', form, large), 400, 'invalid_request, as the library says')
  const person = visitor(server)
  await person.open((await shop.authorize()).url)
  const { pathname } = new URL(person.here().url)
  const cookie = person.jar.header(new URL(person.here().url))
  const same = { origin: server.baseUrl, 'sec-fetch-site': 'same-origin' }
  assert.equal(await send(`${pathname}/identify`, { ...form, ...same, cookie }, large), 413)
  assert.equal(await send('/oidc/jwks', { cookie: 'a'.repeat(20_000) }), 431)
  assert.equal(await send(`/oidc/auth?state=${'x'.repeat(20_000)}`, {}), 431)
})

test('a compressed body is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const status = await send('/oidc/token', { ...form, 'content-encoding': 'gzip' }, bomb)
  assert.ok([400, 413, 415].includes(status), String(status))
})

test('cookies that mean nothing count as none', async () => {
  const { pathname, search } = new URL((await shop.authorize()).url)
  const many = Array.from({ length: 300 }, (_, index) => `c${index}=${index}`).join('; ')
  const strange = [
    many,
    'avouch_session=x; avouch_session=y; avouch_session.sig=z',
    'avouch_session=%00%ff; avouch_session.sig=%',
    'avouch_interaction=" ; ;;; =; avouch_interaction.sig',
    '=; ;=; \u00ff=\u00fe',
  ]
  for (const cookie of strange) {
    assert.equal(await send(pathname + search, { cookie }), 303, cookie.slice(0, 40))
  }
})

test('while somebody else holds the row of a person, that person is told so, and others sign in', async (t) => {
  const client = new pg.Client(server.databaseUrl!)
  await client.connect()
  t.after(() => client.end())
  const signIn = async (identifier: string) => {
    const person = visitor(server)
    await person.open((await shop.authorize()).url)
    await person.submit('identify', { identifier })
    return { person, code: await mail.codeFor(identifier) }
  }
  const first = await signIn('ada@example.com')
  await first.person.submit('verify/email-code', { code: first.code })
  await client.query('delete from send_limits')
  const ada = await signIn('ada@example.com')
  const bob = await signIn('bob@example.com')

  await client.query('begin')
  await client.query('select 1 from users for update')
  const [held, free] = await Promise.all([
    ada.person.submit('verify/email-code', { code: ada.code }),
    bob.person.submit('verify/email-code', { code: bob.code }),
  ])
  await client.query('rollback')
  assert.equal(held.status, 503)
  assert.ok(Number(held.headers.get('retry-after')) > 0)
  assert.ok(free.left)
  const again = await ada.person.open(held.url.replace(/\/verify.*/, ''))
  assert.ok(again.left, 'what was proven is not lost')
})
