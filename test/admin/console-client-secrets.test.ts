import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { clientConsole, secretIn } from './console-client.ts'

const server = await startServer({ after })
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)
const { make, tokenError } = clientConsole(server, owner)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)
await make('express', { client_id: 'shop', client_name: 'Shop' })

test('a secret is added, replaces the others in a day, and is removed', async () => {
  await open('clients/shop/secrets')
  const old = owner.copy()
  const added = await owner.submit('secrets', { label: 'Second machine', replace: 'on' })
  const secret = secretIn(added.html)
  assert.ok(secret, added.text)
  assert.notEqual(await tokenError('shop', secret), 'invalid_client')
  const table = await open('clients/shop/secrets')
  assert.ok(!table.html.includes(secret))
  assert.match(table.text, /Second machine/)
  assert.equal(table.html.match(/class="state good"/g)?.length, 1)
  const [{ client_id, metadata } = { client_id: '', metadata: '' }] = await sql<{
    client_id: string
    metadata: string
  }>("select client_id, metadata::text from clients where client_id = 'shop'")
  assert.equal(client_id, 'shop')
  assert.ok(!metadata.includes(secret))

  // The page of before, as a reload would send it.
  const reloaded = await old.submit('secrets', { label: 'Second machine', replace: 'on' })
  assert.equal(reloaded.status, 412)
  assert.equal(secretIn(reloaded.html), undefined)

  await open('clients/shop/secrets')
  const removed = await owner.submit('remove')
  assert.match(removed.text, /Deleted/)
  const last = await owner.submit('remove')
  assert.equal(last.status, 409)
  assert.match(last.text, /last secret/i)
  assert.notEqual(await tokenError('shop', secret), 'invalid_client')
})

test('the last day of a secret is a date to come', async () => {
  await open('clients/shop/secrets')
  for (const expires_at of ['2020-01-01', 'soon', '2027-13-45']) {
    const { status, html } = await owner.submit('secrets', { expires_at })
    assert.equal(status, 422, expires_at)
    assert.match(html, /id="field-expires_at-error"/)
  }
})

test('an application that begins to need a secret is given one, shown once', async () => {
  await make('react', { client_id: 'spa' })
  await open('clients/spa')
  const changed = await owner.submit('spa', { token_endpoint_auth_method: 'client_secret_basic' })
  assert.ok(secretIn(changed.html), changed.text)
})
