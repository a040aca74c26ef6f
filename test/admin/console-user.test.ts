import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Form } from '../support/forms.ts'
import { type Filled, visitor } from '../support/http.ts'
import { race } from '../support/race.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { createPerson, doing, offered, valueIn } from './console-people.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const users = `${server.baseUrl}/admin/users`
const password = 'quiet harbour lamps 42'
const create = (fields: Filled) => createPerson(owner, fields)
const open = (id: string) => owner.open(`${users}/${encodeURIComponent(id)}`)

/** Somebody of another role, by changing that of the owner, who is the only admin here. */
const inRole = async <T>(role: string, work: () => Promise<T>): Promise<T> => {
  await sql('update admins set role = $1', [role])
  try {
    return await work()
  } finally {
    await sql("update admins set role = 'owner'")
  }
}
const events = async (id: string) =>
  (
    await sql<{ event: string }>('select event from audit_events where user_id = $1 order by id', [
      id,
    ])
  ).map(({ event }) => event)

test('profile, roles and custom data are changed, and only what was changed is noted', async () => {
  const { id } = await create({ name: 'Carla' })
  const saved = await owner.submit(doing('profile'), {
    name: 'Carla Neu',
    roles: 'editor\n admin ',
    customData: '{"plan": "gold"}',
  })
  assert.match(saved.text, /Saved/)
  assert.equal(valueIn(saved.html, 'name'), 'Carla Neu')
  const [row] = await sql<{ detail: string }>(
    `select detail from audit_events where event = 'user.changed' and user_id = $1`,
    [id],
  )
  assert.deepEqual(JSON.parse(row!.detail).changed.sort(), ['customData', 'name', 'roles'])
  await owner.submit(doing('profile'))
  assert.equal((await events(id)).filter((event) => event === 'user.changed').length, 1)
})

test('custom data that is no JSON is refused with the place, and kept', async () => {
  const { id } = await create({ name: 'Dora' })
  for (const [customData, place] of [
    ['{"a": 1,\n "b": tru }', 'line 2, character 7'],
    ['{"a": [1, 2}', 'line 1, character 12'],
    ['{"a": 1', 'line 1, character 8'],
    ['{"a" 1}', 'line 1, character 6'],
    ['{"a": 1} x', 'line 1, character 10'],
    ["{'a': 1}", 'line 1, character 2'],
    ['[['.repeat(5000), 'line 1, character 101'],
  ] as const) {
    await open(id)
    const { status, text, html } = await owner.submit(doing('profile'), { customData })
    assert.equal(status, 422)
    assert.ok(text.includes(place), `${customData.slice(0, 40)}: ${text.slice(200, 500)}`)
    assert.match(html, /id="field-customData-error"/)
  }
  await open(id)
  const list = await owner.submit(doing('profile'), { customData: '[1]' })
  assert.equal(list.status, 422)
  assert.match(list.html, /id="field-customData-error"/)
})

test('of two admins who save at once, one is told, and loses nothing', async () => {
  await create({ name: 'Emma' })
  const other = owner.copy()
  await owner.submit(doing('profile'), { name: 'Emma One' })
  const { status, text, html } = await other.submit(doing('profile'), { name: 'Emma Two' })
  assert.equal(status, 412)
  assert.match(text, /Somebody else has changed this meanwhile/)
  assert.equal(valueIn(html, 'name'), 'Emma Two')
  // Whoever is wrong in another way is still told of what happened meanwhile.
  await owner.submit(doing('profile'), { name: 'Emma Three' })
  assert.equal((await other.submit(doing('profile'), { customData: '{' })).status, 422)
  assert.equal((await other.submit(doing('profile'), { customData: '{}' })).status, 412)
  const again = await other.submit(doing('profile'))
  assert.equal(again.status, 200)
  assert.equal(valueIn(again.html, 'name'), 'Emma Two')
  const parallel = await race(2, (n) => owner.copy().submit(doing('profile'), { name: `E${n}` }))
  assert.ok(parallel.won.every(({ status }) => status === 412))
})

test('identifiers are added, proven and removed', async () => {
  await create({ name: 'Fred', phone: '+41 79 123 45 60' })
  const added = await owner.submit(
    ({ values, names }) => values.act === 'add-identifier' && names.has('verified') && !values.of,
    {},
  )
  assert.match(added.text, /\+41 79 123 45 60 Verified/)
  const isNew = ({ values, names }: Form) =>
    values.act === 'add-identifier' && names.has('type') && values.value === ''
  const wrong = await owner.submit(isNew, { type: 'email', value: 'no address' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.html, /<details[^>]*open[^>]*>(?:(?!<\/details>).)*no address/s)
  const kept = ({ values }: Form) => values.value === 'no address'
  const right = await owner.submit(kept, { type: 'username', value: 'fred.f' })
  assert.match(right.text, /fred.f Verified/)
  const gone = await owner.submit(doing('remove-identifier', { of: 'fred.f' }))
  assert.match(gone.text, /Deleted/)
  assert.doesNotMatch(gone.html, /fred\.f/)
})

test('a new password is set, and a bad one never comes back on the page', async () => {
  const { id } = await create({ name: 'Gina', email: 'gina@example.com', password })
  const bad = await owner.submit(doing('password'), { password: 'password1234567' })
  assert.equal(bad.status, 422)
  assert.match(bad.html, /id="field-password-error"/)
  assert.doesNotMatch(bad.html, /password1234567/)
  const good = await owner.submit(doing('password'), { password: 'loud mountain candles 17' })
  assert.match(good.text, /Saved/)
  assert.ok((await events(id)).includes('user.password_set'))
})

test('ways to sign in are reset one by one, and only after a fresh sign-in', async () => {
  const { id } = await create({ name: 'Hanna', email: 'hanna@example.com', password })
  const nothing = await owner.submit(doing('reset'))
  assert.equal(nothing.status, 422)
  assert.match(nothing.html, /id="field-factors-error"/)
  await sql(`update console_sessions set authenticated_at = now() - interval '6 minutes'`)
  const asked = await owner.copy().submit(doing('reset'), { factors: 'password' })
  assert.ok(
    asked.hops.some((hop) => hop.includes('/admin/sign-in?') && hop.includes('fresh=1')),
    asked.hops.join('\n'),
  )
  assert.match(asked.text, /You have signed in again/)
  assert.equal(asked.url.endsWith('/admin/resume'), true)
  await sql('update console_sessions set authenticated_at = now()')
  await open(id)
  const reset = await owner.submit(doing('reset'), { factors: 'password' })
  assert.match(reset.text, /Done/)
  assert.deepEqual((await events(id)).slice(-1), ['user.factors_reset'])
  assert.ok(!offered(reset).includes('reset'), 'there is nothing left to reset')
})

const someAccess = async (id: string) => {
  const later = `now() + interval '1 day'`
  await sql(
    `insert into oidc_sessions (uid, id, account_id, payload, authorizations, expires_at)
     values ($1 || '-s', convert_to($1, 'UTF8'), $1, '{}', '{"shop": {}}', ${later})`,
    [id],
  )
  await sql(`insert into consents (user_id, client_id, scopes) values ($1, 'shop', '{openid}')`, [
    id,
  ])
}

test('sessions and applications are ended one by one, and all at once', async () => {
  const { id } = await create({ name: 'Ida' })
  await someAccess(id)
  const page = await open(id)
  assert.match(page.html, /\/admin\/clients\/shop/)
  const other = owner.copy()
  const disconnected = await owner.submit(doing('remove-client'))
  assert.match(disconnected.text, /No application acts for this person/)
  const late = await other.submit(doing('remove-client'))
  assert.equal(late.status, 200, 'what is gone already is gone')
  await open(id)
  assert.match((await owner.submit(doing('end-session'))).text, /Not signed in anywhere/)
  await someAccess(id)
  await open(id)
  assert.match((await owner.submit(doing('sign-out'))).text, /Not signed in anywhere/)
})

test('somebody is blocked and unblocked, whatever was changed meanwhile', async () => {
  const { id } = await create({ name: 'Jana' })
  const other = owner.copy()
  await owner.submit(doing('profile'), { name: 'Jana Neu' })
  const blocked = await other.submit(doing('block'))
  assert.match(blocked.text, /Blocked: nobody signs in/)
  assert.match((await owner.open(`${users}?q=${id}`)).text, /Jana Neu Blocked/)
  await open(id)
  assert.doesNotMatch((await owner.submit(doing('unblock'))).text, /Blocked: nobody/)
})

test('somebody is deleted once their name was typed', async () => {
  const { id } = await create({ name: 'Kurt Kurz', email: 'kurt@example.com' })
  await owner.open(`${users}/${id}/delete`)
  const wrong = await owner.submit('delete', { name: 'Kurt' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /is not what is written above/)
  const gone = await owner.submit('delete', { name: ' kurt@EXAMPLE.com ' })
  assert.equal(new URL(gone.url).pathname, '/admin/users')
  assert.match(gone.text, /Deleted/)
  assert.equal((await open(id)).status, 404)
  assert.equal((await owner.open(`${users}/${id}/delete`)).status, 404)
})

test('the last owner is told that they can not go', async () => {
  const [admin] = await sql<{ id: string }>('select user_id as id from admins')
  await open(admin!.id)
  const { status, text } = await owner.submit(doing('block'))
  assert.equal(status, 409)
  assert.match(text, /The last owner can not be removed/)
  await owner.open(`${users}/${admin!.id}/delete`)
  assert.equal((await owner.submit('delete', { name: 'Olga Owner' })).status, 409)
})

test('an imported id is a page of its own, whatever it holds', async () => {
  const id = "auth0|a/b?c#d%2e'(x)"
  await sql('insert into users (id) values ($1)', [id])
  const listed = await owner.open(`${users}?${new URLSearchParams({ q: id })}`)
  const href = /href="(\/admin\/users\/auth0[^"]*)"/.exec(listed.html)![1]!
  await owner.open(`${server.baseUrl}${href.replaceAll('&#39;', "'")}`)
  const saved = await owner.submit(doing('profile'), { name: 'Lena' })
  assert.match(saved.text, /Lena/)
})

test('the help desk sees what it may press, and gets no further by pressing other things', async () => {
  const { id } = await create({ name: 'Mia', email: 'mia@example.com', password })
  await someAccess(id)
  await inRole('support', async () => {
    const page = await open(id)
    assert.deepEqual(offered(page), ['block', 'end-session', 'remove-client', 'reset', 'sign-out'])
    assert.doesNotMatch(page.html, /users\/[^"]*\/delete|users\/new|name="customData"/)
    assert.match(page.html, /\/admin\/audit\?user=/)
    const refused = await owner.post(page.url, { act: 'profile', name: 'Nobody' })
    assert.equal(refused.status, 403)
    assert.match(refused.text, /You may not do this/)
    assert.equal((await owner.post(page.url, { act: 'password', password })).status, 403)
    for (const path of [`${id}/delete`, 'new']) {
      assert.equal((await owner.open(`${users}/${path}`)).status, 403, path)
      assert.equal((await owner.post(`${users}/${path}`, { name: 'Mia' })).status, 403, path)
    }
    await open(id)
    assert.equal((await owner.submit(doing('sign-out'))).status, 200)
  })
  await inRole('read-only', async () => {
    const page = await open(id)
    assert.deepEqual(offered(page), [])
    assert.equal((await owner.post(page.url, { act: 'block' })).status, 403)
  })
})

test('whoever makes no admins is told why an admin can not be touched', async () => {
  const { id } = await create({ name: 'Nora', email: 'nora@example.com', password })
  await sql(`insert into admins (user_id, role) values ($1, 'support')`, [id])
  await sql(`update admins set role = 'admin' where user_id <> $1`, [id])
  const page = await open(id)
  assert.match(page.text, /This person is an admin/)
  assert.deepEqual(offered(page), ['profile', 'sign-out'])
  assert.equal((await owner.post(page.url, { act: 'block' })).status, 403)
  assert.equal((await owner.open(`${users}/${id}/delete`)).status, 403)
  await sql('delete from admins where user_id = $1', [id])
  await sql(`update admins set role = 'owner'`)
})

test('what no page has sent breaks nothing', async () => {
  const { page } = await create({ name: 'Otto' })
  for (const body of ['act=', 'act=__proto__', 'act=constructor', '', 'act=profile&version=x']) {
    const { status } = await owner.post(page.url, body)
    assert.ok(status < 500, `${body}: ${status}`)
  }
  const stranger = await visitor(server).post(page.url, { act: 'block' })
  assert.ok(stranger.hops.some((hop) => hop.includes('/admin/sign-in')))
  assert.doesNotMatch((await owner.open(page.url)).text, /Blocked: nobody/)
})
