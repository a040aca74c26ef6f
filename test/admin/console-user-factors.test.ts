import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { createPerson, doing, offered } from './console-people.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const open = (id: string) => owner.open(`/admin/users/${id}`)

/** As if the person had proven a first factor, and asked. */
const asks = (id: string, reset: string) =>
  sql('insert into factor_resets (id, user_id) values ($1, $2)', [reset, id])
const states = async (id: string) =>
  (
    await sql<{ state: string }>(
      'select state from factor_resets where user_id = $1 order by requested_at',
      [id],
    )
  ).map(({ state }) => state)

test('an admin sees who has lost their second factors, approves, and stops it again', async () => {
  const { id } = await createPerson(owner, { name: 'Lena Lost' })
  assert.doesNotMatch((await open(id)).text, /Second factors are lost/)
  await asks(id, 'first-reset')
  assert.match((await open(id)).text, /Second factors are lost/)
  const approved = await owner.submit(doing('approve-reset'))
  assert.match(approved.text, /A reset is approved\. It happens on/)
  assert.deepEqual(await states(id), ['approved'])
  assert.ok(!offered(approved).includes('approve-reset'), 'once')
  const stopped = await owner.submit(doing('deny-reset'))
  assert.deepEqual(await states(id), ['denied'])
  assert.ok(!offered(stopped).includes('deny-reset'))
})

test('an admin who only looks decides nothing', async () => {
  const { id } = await createPerson(owner, { name: 'Rita Reads' })
  await asks(id, 'second-reset')
  await sql(`update admins set role = 'read-only'`)
  try {
    const page = await open(id)
    assert.match(page.text, /Second factors are lost/)
    assert.ok(!offered(page).some((act) => act.endsWith('-reset')))
    const refused = await owner.post(page.url, { act: 'approve-reset', reset: 'second-reset' })
    assert.equal(refused.status, 403)
  } finally {
    await sql(`update admins set role = 'owner'`)
  }
  assert.deepEqual(await states(id), ['requested'])
})

test('browsers that need no second factor are listed, and taken back', async () => {
  const { id } = await createPerson(owner, { name: 'Tom Trusting' })
  await sql(
    `insert into trusted_browsers (id, user_id, browser, token, agent, expires_at)
     values ('one', $1, '\\x01', '\\x02', $2, now() + interval '1 day')`,
    [id, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  )
  const page = await open(id)
  assert.match(page.text, /Trusted browsers .* Firefox, Linux/)
  await owner.submit(doing('remove-trusted-browser'))
  assert.doesNotMatch((await open(id)).text, /Firefox, Linux/)
  assert.deepEqual(await sql('select 1 from trusted_browsers where user_id = $1', [id]), [])
})
