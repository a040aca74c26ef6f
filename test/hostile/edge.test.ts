import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { rawRequest, sendRaw } from './raw.ts'

const slow: Socket[] = []
after(() => {
  for (const socket of slow) socket.destroy()
})

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { production: true, config: { clients: [shop.registration] } },
)
await shop.discover(server)
const { address } = server
const host = 'Host: id.example.com'
const discovery = 'GET /oidc/.well-known/openid-configuration HTTP/1.1'

/** Milliseconds until the server has had enough of someone who sends a byte now and then. */
const patienceWith = (head: string, everyMs: number): Promise<number> =>
  new Promise((resolve) => {
    const began = Date.now()
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname, () => socket.write(head))
    slow.push(socket)
    const drip = setInterval(() => socket.write('x'), everyMs)
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(drip)
      resolve(Date.now() - began)
    })
  })

// They take long, so they go on while everything else is tested.
const slowHeaders = patienceWith(`${discovery}\r\n${host}\r\nX-Slow: `, 1000)
const slowBody = patienceWith(
  `POST /interaction/nobody/identify HTTP/1.1\r\n${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30000\r\n\r\n`,
  1000,
)

const hosts: Record<string, [line: string, headers: string[], statuses: number[]]> = {
  'another host': [discovery, ['Host: evil.example'], [421]],
  'ours with a port that is not ours': [discovery, ['Host: id.example.com:8443'], [421]],
  'ours behind a user name': [discovery, ['Host: evil.example@id.example.com'], [421]],
  'ours as the user name': [discovery, ['Host: id.example.com@evil.example'], [421]],
  'ours with a dot behind it': [discovery, ['Host: id.example.com.'], [421]],
  'a sub-domain of ours': [discovery, ['Host: a.id.example.com'], [421]],
  'an address': [discovery, ['Host: 127.0.0.1'], [421]],
  'an empty one': [discovery, ['Host: '], [421]],
  'none at all': [discovery, ['X-Nothing: 1'], [400, 421]],
  'two, the second of which is ours': [discovery, ['Host: evil.example', host], [400, 421]],
  'two, the first of which is ours': [discovery, [host, 'Host: evil.example'], [200]],
  'another one that a proxy names': [discovery, [host, 'X-Forwarded-Host: evil.example'], [421]],
  'another one first in the list of a proxy': [
    discovery,
    [host, 'X-Forwarded-Host: evil.example, id.example.com'],
    [421],
  ],
  'another one in the request line': [
    'GET http://evil.example/oidc/.well-known/openid-configuration HTTP/1.1',
    [host],
    [421],
  ],
  'a port that is none': [discovery, ['Host: id.example.com:99999'], [421]],
}

for (const [name, [line, headers, statuses]] of Object.entries(hosts)) {
  test(`a request for a wrong host is refused and learns no other name: ${name}`, async () => {
    const { status, text } = await sendRaw(address, rawRequest(line, headers))
    assert.ok(statuses.includes(status), text)
    assert.ok(!text.includes('evil.example'), text)
  })
}

test('the name in capitals, or as a proxy passes it on, is still ours', async () => {
  const capitals = await sendRaw(address, rawRequest(discovery, ['Host: ID.Example.COM']))
  assert.equal(capitals.status, 200)
  const internal = ['Host: 10.0.0.7:3000', 'X-Forwarded-Host: id.example.com']
  const passedOn = await sendRaw(address, rawRequest(discovery, internal))
  assert.equal(passedOn.status, 200, passedOn.text)
  for (const { text } of [capitals, passedOn]) {
    assert.match(text, /"authorization_endpoint":"https:\/\/id\.example\.com\/oidc\/auth"/)
  }
})

test('no header can change a URL that the provider gives out', async () => {
  const lies = [
    'X-Forwarded-Proto: http',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Prefix: /evil',
    'Forwarded: host=evil.example;proto=http',
    'X-Original-URL: /evil',
    'X-Rewrite-URL: /evil',
    'X-Real-IP: 192.0.2.1',
    'X-HTTP-Method-Override: DELETE',
    'X-Host: evil.example',
    'Origin: https://evil.example',
    'Referer: https://evil.example/',
  ]
  const plain = await sendRaw(address, rawRequest(discovery, [host]))
  const lied = await sendRaw(address, rawRequest(discovery, [host, ...lies]))
  const body = ({ text }: { text: string }) => text.slice(text.indexOf('\r\n\r\n'))
  assert.equal(body(lied), body(plain))
  const metadata = JSON.parse(body(plain).trim())
  const urls = JSON.stringify(metadata).match(/"https?:[^"]*"/g) ?? []
  assert.ok(urls.length > 8)
  for (const url of urls) assert.match(url, /^"https:\/\/id\.example\.com[/"]/)
})

const verbs = ['TRACE', 'PROPFIND', 'MKCOL', 'LINK', 'M-SEARCH', 'PURGE', 'QUERY']
for (const verb of verbs) {
  test(`${verb} is not done here`, async () => {
    const { status, text } = await sendRaw(
      address,
      rawRequest(`${verb} /oidc/jwks HTTP/1.1`, [host, 'X-Canary: 4711']),
    )
    assert.equal(status, 405, text)
    assert.match(text, /\r\nallow: GET, HEAD/i)
    assert.ok(!text.includes('4711'), 'nothing of the request comes back')
  })
}

for (const [path, allow] of [
  ['/interaction/nobody', 'HEAD, GET'],
  ['/interaction/nobody/identify', 'HEAD, GET, POST'],
  ['/l/AAAAAAAAAAAAAAAAAAAAAA', 'HEAD, GET, POST'],
] as const) {
  test(`${path} says what may be done there`, async () => {
    const { status, text } = await sendRaw(address, rawRequest(`PUT ${path} HTTP/1.1`, [host]))
    assert.equal(status, 405, text)
    assert.ok(text.toLowerCase().includes(`\r\nallow: ${allow.toLowerCase()}\r\n`), text)
    assert.match(text, /method_not_allowed/)
  })
}

test('what is no method at all, and CONNECT, ends the connection', async () => {
  for (const verb of ['FOO', 'post', 'CONNECT', 'GET\0']) {
    const { status } = await sendRaw(address, rawRequest(`${verb} /oidc/jwks HTTP/1.1`, [host]))
    assert.ok(status === 400 || status === 0, `${verb}: ${status}`)
  }
})

test('whoever guesses codes of devices has to wait after a while', async () => {
  const guess = (code: string, client: string) =>
    server.fetch(`${server.issuer}/device`, {
      method: 'POST',
      headers: { 'x-forwarded-for': client },
      body: new URLSearchParams({ user_code: code, xsrf: 'none' }),
    })
  for (let n = 0; n < 30; n++) {
    assert.ok((await guess(`BBBB-${n}`, '192.0.2.7')).status < 429)
  }
  const refused = await guess('BBBB-CCCC', '192.0.2.8')
  assert.equal(refused.status, 429, 'the same network')
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.ok((await guess('BBBB-CCCC', '198.51.100.7')).status < 429, 'another one')
})

test('a method that is hidden in a header or a field has no effect', async () => {
  const { status } = await server.fetch(`${server.baseUrl}/oidc/auth?_method=DELETE`, {
    method: 'POST',
    body: new URLSearchParams({ _method: 'DELETE', client_id: 'nobody' }),
    headers: { 'x-http-method-override': 'DELETE', 'x-method-override': 'PUT' },
  })
  assert.equal(status, 404)
})

const smuggled: Record<string, string> = {
  'two lengths': rawRequest(
    'POST /oidc/token HTTP/1.1',
    [host, 'Content-Length: 4', 'Content-Length: 5'],
    'a=bc',
  ),
  'a length and chunks': rawRequest(
    'POST /oidc/token HTTP/1.1',
    [host, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
    '0\r\n\r\n',
  ),
  'an encoding that nobody knows': rawRequest(
    'POST /oidc/token HTTP/1.1',
    [host, 'Transfer-Encoding: xchunked'],
    '0\r\n\r\n',
  ),
  'a length that is none': rawRequest(
    'POST /oidc/token HTTP/1.1',
    [host, 'Content-Length: +4'],
    'a=bc',
  ),
  'a folded header': rawRequest(discovery, [host, 'X-Folded: a\r\n b']),
  'a space before the colon': rawRequest(discovery, ['Host : id.example.com']),
  'a bare line feed': `${discovery}\n${host}\n\n`,
  'a header with a NUL': rawRequest(discovery, [host, 'X-Nul: a\0b']),
  'headers of 20 KB': rawRequest(discovery, [host, `X-Long: ${'a'.repeat(20_000)}`]),
  'an address of 20 KB': rawRequest(`GET /oidc/auth?state=${'a'.repeat(20_000)} HTTP/1.1`, [host]),
  'bytes that are no text in the address': rawRequest('GET /oidc/auth?state=\xff HTTP/1.1', [host]),
}
for (const [name, bytes] of Object.entries(smuggled)) {
  test(`a request that two servers might read differently is refused: ${name}`, async () => {
    const { status, text } = await sendRaw(address, Buffer.from(bytes, 'latin1'))
    assert.ok(status >= 400 && status < 500, `${status}: ${text.slice(0, 200)}`)
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, 'there is one answer')
  })
}

const large = 'a'.repeat(70_000)
const readers = ['/interaction/nobody/identify', '/l/AAAAAAAAAAAAAAAAAAAAAA']
const library = ['/oidc/token', '/oidc/request', '/oidc/token/introspection']

for (const path of [...readers, ...library]) {
  test(`a body that is too large for ${path} is not read`, async () => {
    const head = [host, 'Content-Type: application/x-www-form-urlencoded']
    const line = `POST ${path} HTTP/1.1`
    const body = `a=${large}`
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    for (const bytes of [
      rawRequest(line, [...head, `Content-Length: ${body.length}`], body),
      rawRequest(line, [...head, 'Transfer-Encoding: chunked'], chunks),
    ]) {
      const { status, text } = await sendRaw(address, bytes)
      // To clients, OAuth knows no other way to say it than `invalid_request`.
      assert.equal(status, readers.includes(path) ? 413 : 400, text)
    }
  })
}

test('the page for a device begins anew where its session is gone, with the code that was typed', async () => {
  const send = (fields: Record<string, string>) =>
    server.fetch(`${server.issuer}/device`, { method: 'POST', body: new URLSearchParams(fields) })
  const typed = await send({ xsrf: 'of-a-session-that-has-gone', user_code: 'BCDF-GHJK' })
  assert.equal(typed.status, 303)
  assert.equal(typed.headers.get('location'), `${server.issuer}/device?user_code=BCDF-GHJK`)
  const page = await server.fetch(typed.headers.get('location')!, {
    headers: { accept: 'text/html' },
  })
  assert.match(await page.text(), /value="BCDF-GHJK"/)
  const long = await send({ user_code: large })
  assert.equal(long.headers.get('location'), `${server.issuer}/device`)
})

test('a form that comes as something else is not read', async () => {
  const types = [
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencoded; charset=utf-7',
  ]
  for (const type of types) {
    const answer = await server.fetch(`${server.baseUrl}/oidc/token`, {
      method: 'POST',
      body: '{"grant_type":"client_credentials"}',
      headers: { 'content-type': type },
    })
    assert.ok(answer.status >= 400 && answer.status < 500, `${type}: ${answer.status}`)
  }
})

test('whoever sends a request too slowly is not waited for', async () => {
  const seconds = 1000
  assert.ok((await slowHeaders) < 30 * seconds)
  assert.ok((await slowBody) < 50 * seconds)
  const { status } = await sendRaw(address, rawRequest(discovery, [host]))
  assert.equal(status, 200)
})
