import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const helpDesk = ['clients:read', 'users:read', 'deliveries:read', 'audit:read']
const server = await startManaged(
  { after },
  { config: { codes: { tries: 4 }, clients: [program('helper', helpDesk)] } },
)
const api = await ops(server)

test('what is changed is in force at once, and what was left out stays', async () => {
  const { status, body } = await api.call('PATCH', '/settings', {
    signIn: { registration: 'closed' },
  })
  assert.equal(status, 200)
  assert.equal(body.settings.signIn.registration, 'closed')
  assert.deepEqual(body.settings.signIn.identifiers, ['email', 'phone'])
})

test('what the configuration file holds is changed there alone', async () => {
  const { status, body } = await api.call('PATCH', '/settings', { codes: { tries: 5, length: 8 } })
  assert.equal(status, 409)
  assert.equal(body.code, 'managed_by_file')
  assert.deepEqual(body.errors, [
    { path: 'codes.tries', message: 'is held by the configuration file' },
  ])
  const { body: now } = await api.call('GET', '/settings')
  assert.equal(now.settings.codes.length, 6)
  assert.deepEqual(now.heldByFile, { codes: { tries: 4 } })
})

test('a change to a version that is no longer there is not made', async () => {
  const { headers } = await api.call('GET', '/settings')
  const etag = headers.get('etag')!
  const change = (name: string) =>
    api.call('PATCH', '/settings', { branding: { name } }, { 'if-match': etag })
  const both = await Promise.all([change('One'), change('Two')])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  const refused = both.find(({ status }) => status === 412)!
  assert.equal(refused.body.code, 'version_changed')
})

test('each fault is told with its place, and nothing is changed', async () => {
  const { status, body } = await api.call('PATCH', '/settings', {
    codes: { length: 3 },
    signIn: { methods: ['carrier-pigeon'] },
    shoes: 1,
  })
  assert.equal(status, 422)
  assert.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), [
    'codes.length',
    'shoes',
    'signIn.methods[0]',
  ])
})

test('settings that do not go together are refused', async () => {
  const { status, body } = await api.call('PATCH', '/settings', {
    signIn: { identifiers: ['username'], methods: ['sms-code'] },
  })
  assert.equal(status, 422)
  assert.match(body.errors[0].message, /password/)
})

test('a body that is no JSON, or names what every object has, is refused', async () => {
  const form = await api.call('PATCH', '/settings', 'a=b', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  assert.equal(form.status, 415)
  assert.equal((await api.call('PATCH', '/settings', '{"codes":')).status, 400)
  for (const body of [
    '{"__proto__":{"codes":{}}}',
    '{"constructor":{}}',
    '{"codes":{"__proto__":1}}',
  ]) {
    const { status } = await api.call('PATCH', '/settings', body)
    assert.ok(status === 400 || status === 422, `${status} ${body}`)
  }
})

test('who reads the log reads no code that signs somebody in', async () => {
  const change = {
    testIdentifiers: [{ identifier: 'robot@example.com', code: '739154' }],
    codes: { length: 6 },
  }
  assert.equal((await api.call('PATCH', '/settings', change)).status, 200)
  const helper = apiOf(server, await accessToken(server, 'helper', helpDesk))
  const { body } = await helper.call('GET', '/audit?event=settings.changed')
  assert.deepEqual(body.data[0].detail, {
    testIdentifiers: [{ identifier: 'robot@example.com' }],
    codes: { length: 6 },
  })
  for (const path of ['/audit?text=739154', '/audit/export?format=csv&event=settings.changed']) {
    assert.doesNotMatch(JSON.stringify((await helper.call('GET', path)).body), /739154/)
  }
})

test('what no address holds makes no test identifier, and what no URI holds no resource', async () => {
  for (const character of ['\0', '\u001b', '\ud800', '\u200b']) {
    const identifier = `a${character}b@example.com`
    const indicator = `https://api.example/${character}`
    for (const change of [
      { testIdentifiers: [{ identifier, code: '739154' }] },
      { resources: [{ indicator, scopes: [] }] },
    ]) {
      const { status } = await api.call('PATCH', '/settings', change)
      assert.equal(status, 422, JSON.stringify(change))
    }
  }
})
