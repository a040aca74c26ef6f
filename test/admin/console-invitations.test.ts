import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { inbox } from '../support/inbox.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { valueIn } from './console-people.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const invitations = `${server.baseUrl}/admin/invitations`
const invite = async (fields: Record<string, string>) => {
  await owner.open(`${invitations}/new`)
  return owner.submit('new', fields)
}

test('somebody is invited and told, and the invitation taken back', async () => {
  const page = await invite({ value: 'Guest@Example.com', locale: 'de' })
  assert.equal(new URL(page.url).pathname, '/admin/invitations')
  assert.match(page.text, /Sent/)
  assert.match(page.text, /Guest@Example.com Open/)
  assert.match(page.text, /Registration is open to everybody/)
  const { usageType, text } = await inbox(server).messageFor('guest@example.com')
  assert.equal(usageType, 'OrganizationInvitation')
  assert.match(text, /eingeladen/)
  await owner.open(invitations)
  const other = owner.copy()
  assert.match((await owner.submit('delete')).text, /Nobody is invited/)
  assert.equal((await other.submit('delete')).status, 200, 'what is gone already is gone')
})

test('a number is invited without a message, for an application that there is', async () => {
  await owner.open(`${invitations}/new`)
  const { values } = owner.here().forms.find(({ action }) => action.endsWith('/new'))!
  assert.equal(values.send, 'on')
  const { send: _, ...untouched } = values
  const made = await owner.post(`${invitations}/new`, { ...untouched, value: '+41 79 123 45 67' })
  assert.match(made.text, /Created/)
  assert.match(made.text, /\+41 79 123 45 67 Open/)
  const nowhere = { ...untouched, value: 'x@example.com', clientId: 'nobody' }
  const refused = await owner.post(`${invitations}/new`, nowhere)
  assert.equal(refused.status, 422)
  assert.match(refused.html, /id="field-clientId-error"/)
})

test('what can not be is told beside its field, and what was typed is kept', async () => {
  for (const [fields, field, status] of [
    [{ value: 'no address' }, 'value', 422],
    [{ value: '' }, 'value', 422],
    [{ value: 'a@example.com', expiresInDays: '400' }, 'expiresInDays', 422],
    [{ value: 'a@example.com', expiresInDays: 'soon' }, 'expiresInDays', 422],
    [{ value: '+41 79 123 45 67' }, 'value', 409],
    [{ value: 'owner@example.com' }, 'value', 409],
  ] as const) {
    const page = await invite(fields)
    assert.equal(page.status, status, JSON.stringify(fields))
    assert.match(page.html, new RegExp(`id="field-${field}-error"`), JSON.stringify(fields))
    assert.equal(valueIn(page.html, 'value'), fields.value)
  }
})

test('after twenty messages in ten minutes one is told to wait, and what was typed is kept', async () => {
  let last = await invite({ value: 'many0@example.com' })
  for (let n = 1; n < 25 && last.status === 200; n += 1) {
    last = await invite({ value: `many${n}@example.com` })
  }
  assert.equal(last.status, 429)
  assert.ok(last.headers.get('retry-after'))
  assert.match(last.text, /Twenty invitations are sent in ten minutes at most/)
  assert.match(valueIn(last.html, 'value') ?? '', /^many\d+@example\.com$/)
})

test('the help desk sees who is invited, and invites nobody', async () => {
  await sql("update admins set role = 'support'")
  const { status, html } = await owner.open(invitations)
  assert.equal(status, 200)
  assert.doesNotMatch(html, /invitations\/new|invitations\/delete/)
  assert.equal((await owner.open(`${invitations}/new`)).status, 403)
  assert.equal((await owner.post(`${invitations}/new`, { value: 'x@example.com' })).status, 403)
  const [row] = await sql<{ id: string }>('select id from invitations limit 1')
  assert.equal((await owner.post(`${invitations}/delete`, { id: row!.id })).status, 403)
  await sql("update admins set role = 'owner'")
})
