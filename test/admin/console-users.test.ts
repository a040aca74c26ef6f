import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Filled, Visit } from '../support/http.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { createPerson, valueIn } from './console-people.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const users = `${server.baseUrl}/admin/users`
const password = 'quiet harbour lamps 42'
const create = (fields: Filled) => createPerson(owner, fields)
const nextOf = ({ html }: Visit) =>
  /href="(\/admin\/users\?[^"]*cursor=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')

test('somebody is made, found and read', async () => {
  const { id, page } = await create({
    name: 'Anna Muster',
    email: 'Anna@Example.com',
    emailVerified: 'on',
    phone: '+41 79 123 45 67',
    username: 'anna.m',
    password,
  })
  assert.match(page.text, /Anna@Example.com Verified/)
  assert.match(page.text, /\+41 79 123 45 67 Not verified/)
  assert.match(page.text, /anna.m Verified/)
  assert.doesNotMatch(page.html, /harbour|argon2/)
  for (const q of ['anna@', '+41 79 123', 'Anna Mu', id]) {
    const { html } = await owner.open(`${users}?${new URLSearchParams({ q })}`)
    assert.ok(html.includes(`/admin/users/${id}`), q)
  }
  const none = await owner.open(`${users}?q=nobody-of-that-name`)
  assert.match(none.text, /Nobody was found/)
})

test('what can not be made is told beside its field, and what was typed is kept', async () => {
  await owner.open(`${users}/new`)
  const { status, html } = await owner.submit('new', {
    name: 'Berta',
    phone: '079 123',
    username: 'b!',
    password: 'short',
  })
  assert.equal(status, 422)
  assert.match(html, /id="field-password-error"/)
  assert.equal(valueIn(html, 'phone'), '079 123')
  assert.doesNotMatch(html, /value="short"/)
  const phone = await owner.submit('new', { phone: '079 123', password: '', username: '' })
  assert.match(phone.html, /id="field-phone-error"/)
  const taken = await owner.submit('new', { email: 'anna@example.com', phone: '', name: 'Berta' })
  assert.equal(taken.status, 409)
  assert.match(taken.html, /id="field-email-error"/)
})

test('the list is filtered by what its address says, and leads on', async () => {
  await sql(
    `insert into users (id, name, created_at, blocked_at)
     select 'many' || n, 'Many ' || n, now() - interval '40 days', case when n > 27 then now() end
       from generate_series(1, 30) n`,
  )
  const blocked = await owner.open(`${users}?blocked=true`)
  assert.equal([...blocked.html.matchAll(/users\/many/g)].length, 3)
  const first = await owner.open(`${users}?q=Many&blocked=false`)
  const second = await owner.open(nextOf(first)!)
  assert.equal(valueIn(second.html, 'q'), 'Many')
  assert.equal([...second.html.matchAll(/users\/many/g)].length, 2)
  const since = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10)
  assert.doesNotMatch((await owner.open(`${users}?createdAfter=${since}`)).html, /users\/many/)
  for (const wrong of ['createdAfter=yesterday', 'cursor=x', 'blocked=maybe']) {
    const { status, text } = await owner.open(`${users}?${wrong}`)
    assert.equal(status, 422, wrong)
    assert.match(text, /Check what you entered/)
  }
  assert.equal((await owner.open(`${users}?q=a&q=b`)).status, 200)
})

test('a page with nobody on it says that there is more to look through', async () => {
  await sql(
    `insert into users (id, name) select 'crowd' || n, 'Crowd' from generate_series(1, 6000) n`,
  )
  await sql(`update users set blocked_at = now() where id = 'crowd999'`)
  const page = await owner.open(`${users}?q=Crowd&blocked=true`)
  assert.match(page.text, /Nobody was found so far/)
  const next = nextOf(page)
  assert.ok(next)
  let last = await owner.open(next)
  while (nextOf(last)) last = await owner.open(nextOf(last)!)
  assert.match(last.html, /crowd999/)
})
