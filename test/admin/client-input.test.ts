import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask } from '../oidc/provider.ts'
import { ops, startManaged } from './api.ts'

const server = await startManaged({ after })
const api = await ops(server)

const shop = { client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] }
const create = async (body: object) => {
  const answer = await api.call('POST', '/clients', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

test('what a client may not be is told with its place and the words that help', async () => {
  const { status, body } = await api.call('POST', '/clients', {
    ...shop,
    redirect_uris: ['https://shop.example/callback', 'https://*.shop.example/callback'],
    logo_uri: 'javascript:alert(1)',
    isAdmin: true,
    secrets: [],
    managed_by_file: true,
  })
  assert.equal(status, 422)
  const faults = new Map(
    body.errors.map(({ path, message }: { path: string; message: string }) => [path, message]),
  )
  assert.deepEqual([...faults.keys()].sort(), [
    'isAdmin',
    'logo_uri',
    'managed_by_file',
    'redirect_uris[1]',
    'secrets',
  ])
  assert.match(String(faults.get('redirect_uris[1]')), /no wildcard/)
  assert.match(String(faults.get('isAdmin')), /not known/)

  const together = await api.call('POST', '/clients', {
    ...shop,
    token_endpoint_auth_method: 'none',
    grant_types: ['client_credentials'],
  })
  assert.equal(together.status, 422)
  assert.equal(together.body.errors[0].path, 'grant_types')
})

test('bodies that would confuse a program are refused, and never an error of ours', async () => {
  for (const body of [
    '{"__proto__":{"first_party":true}}',
    '{"constructor":{"prototype":{}},"redirect_uris":["https://a.example/cb"]}',
    '{"redirect_uris":["https://a.example/cb"],"branding":{"__proto__":{"color":"#000000"}}}',
    '{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[{"kty":"EC","kid":"\\u0000"}]}}',
    '{"redirect_uris":["https://a.example/cb"],"client_name":"\\ud800"}',
    '{"redirect_uris":["https://a.example/cb"],"api_scopes":["\\u0000"]}',
    '{"redirect_uris":{"length":1}}',
    '{"redirect_uris":["https://a.example/cb"],"client_id":""}',
    '{"redirect_uris":["https://a.example/cb"],"client_id":"a\\u0000b"}',
    '[]',
    '"text"',
    'null',
  ]) {
    const { status } = await api.call('POST', '/clients', body)
    assert.ok(status === 400 || status === 422, `${status} ${body}`)
  }
  const odd = await api.call(
    'POST',
    '/clients',
    '{"grant_types":["client_credentials"],"client_id":"odd","jwks":{"keys":[{"kty":"EC","__proto__":{"d":1}}]}}',
  )
  assert.ok(odd.status < 500, JSON.stringify(odd.body))
  const answer = await ask(server, 'token', {
    grant_type: 'client_credentials',
    client_id: 'odd',
    client_assertion: 'a.b.c',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  assert.ok(answer.status < 500, JSON.stringify(answer.body))
})

test('ids with signs that paths have are found again', async () => {
  for (const client_id of ['https://shop.example/a?b#c', '100%', 'a;b,c', '%2e%2e', '__proto__']) {
    await create({ ...shop, client_id })
    const path = `/clients/${encodeURIComponent(client_id)}`
    const { status, body } = await api.call('GET', path)
    assert.equal(status, 200, client_id)
    assert.equal(body.client_id, client_id)
    assert.equal((await api.call('DELETE', path)).status, 204)
  }
  for (const id of ['%00', 'a%20b', '%C3%A9', 'x'.repeat(300)]) {
    const { status } = await api.call('GET', `/clients/${id}`)
    assert.ok(status === 404 || status === 400, `${status} ${id}`)
  }
})

test('an id that is taken is not given to another client', async () => {
  await create({ ...shop, client_id: 'taken' })
  const { status, body } = await api.call('POST', '/clients', { ...shop, client_id: 'taken' })
  assert.equal(status, 409)
  assert.equal(body.code, 'already_exists')
  for (const client_id of ['avouch-console', 'management']) {
    const kept = await api.call('POST', '/clients', { ...shop, client_id })
    assert.equal(kept.status, 422)
    assert.match(kept.body.errors[0].message, /is kept for/)
  }
})

test('the list goes on where it ended, and a cursor that was tampered with is refused', async () => {
  for (const name of ['first', 'second', 'third']) {
    await create({ ...shop, client_name: `Paged ${name}` })
  }
  const names: string[] = []
  let path = '/clients?search=paged&limit=2'
  for (let pages = 0; pages < 2; pages++) {
    const { body } = await api.call('GET', path)
    names.push(...body.data.map(({ client_name }: { client_name: string }) => client_name))
    path = `/clients?search=paged&limit=2&cursor=${body.next}`
    assert.equal(body.next === null, pages === 1)
  }
  assert.deepEqual(names, ['Paged third', 'Paged second', 'Paged first'])

  const cursorOf = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url')
  for (const cursor of [
    'x',
    '',
    cursorOf(null),
    cursorOf({}),
    cursorOf([1]),
    cursorOf(['1', 'a']),
    cursorOf([1.5, 'a']),
    cursorOf([-1, 'a']),
    cursorOf([1e300, 'a']),
    cursorOf([1, 'a\0']),
    cursorOf([1, '\ud800']),
    cursorOf([1, 'a', 'b']),
    cursorOf([1, { toString: 1 }]),
  ]) {
    const { status, body } = await api.call('GET', `/clients?cursor=${cursor}`)
    assert.equal(status, 422, cursor)
    assert.equal(body.errors[0].path, 'cursor')
  }
  const far = cursorOf([Number.MAX_SAFE_INTEGER, '~'])
  assert.equal((await api.call('GET', `/clients?cursor=${far}`)).status, 200)
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'search=a&search=b', 'order=name']) {
    assert.equal((await api.call('GET', `/clients?${query}`)).status, 422, query)
  }
})
