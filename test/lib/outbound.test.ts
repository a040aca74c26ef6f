import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { outbound } from '#src/lib/outbound.ts'

const never = () => Promise.reject(new Error('is not asked'))
const internet = outbound({ ports: [443], loopback: false, resolve: never })

/** Counts who comes, on this machine. */
const listener = async (t: TestContext, answer = 204, headers: Record<string, string> = {}) => {
  let calls = 0
  const server = createServer((_request, response) => {
    calls += 1
    response.writeHead(answer, headers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, calls: () => calls }
}

test('no address but those of the public internet is called, however it is written', async () => {
  const urls = [
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fec0::1]/',
    'https://①②⑦.⓪.⓪.①/',
    'http://example.com/',
    'https://example.com:8443/',
    'https://user:password@example.com/',
    'https://example.com/#fragment',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_',
    'javascript:alert(1)',
    'nonsense',
  ]
  for (const url of urls) {
    assert.notEqual(internet.fault(url), null, url)
    const answered = await internet.post(url, {}, '')
    assert.deepEqual(answered, { status: null, error: 'not_allowed' }, url)
  }
  for (const url of [
    'https://example.com/a?b=c',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ]) {
    assert.equal(internet.fault(url), null, url)
  }
})

test('a name that leads to an address inside is not called', async () => {
  const answers = [
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['93.184.216.34', '127.0.0.1'],
    ['fd00::1'],
  ]
  for (const answer of answers) {
    const { post } = outbound({ ports: [443], loopback: false, resolve: async () => answer })
    assert.deepEqual(await post('https://localhost./', {}, ''), {
      status: null,
      error: 'not_allowed',
    })
  }
  const { post } = outbound({ ports: [443], loopback: false, resolve: async () => [] })
  assert.equal((await post('https://nowhere.example/', {}, '')).error, 'not_found')
})

test('a name is looked up once, so that it can not lead elsewhere a moment later', async (t) => {
  const inside = await listener(t)
  let asked = 0
  // The first answer is fine, each later one leads inside.
  const resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2'])
  const { post } = outbound({ ports: [443], loopback: true, resolve })
  const { status } = await post(`http://localhost:${inside.port}/`, {}, '{}')
  assert.equal(status, 204)
  assert.equal(asked, 1)
})

test('a redirect is not followed', async (t) => {
  const inside = await listener(t)
  const headers = { location: `http://127.0.0.1:${inside.port}/` }
  for (const status of [301, 302, 303, 307, 308]) {
    const outside = await listener(t, status, headers)
    const { post } = outbound({ ports: [443], loopback: true })
    const answered = await post(`http://127.0.0.1:${outside.port}/`, {}, '{}')
    assert.deepEqual(answered, { status, error: null })
  }
  assert.equal(inside.calls(), 0)
})

test('while evaluating, this machine may be called, and no other inside', async () => {
  const { fault } = outbound({ ports: [443], loopback: true })
  for (const url of ['http://localhost:4000/', 'http://127.0.0.1/', 'http://[::1]:4000/a']) {
    assert.equal(fault(url), null, url)
  }
  for (const url of ['http://10.0.0.1/', 'https://192.168.0.1/', 'http://example.com/']) {
    assert.notEqual(fault(url), null, url)
  }
})

test('an answer of any length takes no more than a little of it', async (t) => {
  let sent = 0
  const server = createServer((_request, response) => {
    response.writeHead(200)
    const part = Buffer.alloc(16 * 1024)
    const write = () => {
      if (response.destroyed) return
      sent += part.length
      if (response.write(part)) setImmediate(write)
      else response.once('drain', write)
    }
    write()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const { post } = outbound({ ports: [443], loopback: true })
  const { port } = server.address() as AddressInfo
  assert.deepEqual(await post(`http://127.0.0.1:${port}/`, {}, ''), { status: 200, error: null })
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes`)
})

test('whoever does not answer in ten seconds, or is not there, is told apart', async (t) => {
  const server = createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const { post } = outbound({ ports: [443], loopback: true })
  const { port } = server.address() as AddressInfo
  const [silent, absent, plain] = await Promise.all([
    post(`http://127.0.0.1:${port}/`, {}, ''),
    post('http://127.0.0.1:9/', {}, ''),
    post(`https://127.0.0.1:${(await listener(t)).port}/`, {}, ''),
  ])
  assert.deepEqual(silent, { status: null, error: 'timeout' })
  assert.deepEqual(absent, { status: null, error: 'unreachable' })
  assert.deepEqual(plain, { status: null, error: 'tls' })
})
