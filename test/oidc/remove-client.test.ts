import assert from 'node:assert/strict'
import { personAccess } from '#src/oidc/index.ts'
import { testOnBoth } from '../support/database.ts'

testOnBoth('one application is disconnected, and nothing else ends', async (_t, db) => {
  const fill = async (text: string) => void (await db.knex.raw(text))
  const later = `now() + interval '1 day'`
  await fill(`insert into users (id) values ('anna'), ('berta')`)
  for (const [user, client] of [
    ['anna', 'shop'],
    ['anna', 'partner'],
    ['berta', 'shop'],
  ]) {
    const grant = `${user}-${client}`
    await fill(`insert into oidc_grants (id, account_id, client_id, payload, expires_at)
      values ('${grant}', '${user}', '${client}', '{}', ${later})`)
    await fill(`insert into oidc_tokens (id, kind, grant_id, account_id, client_id, payload, expires_at)
      values ('${grant}', 'RefreshToken', '${grant}', '${user}', '${client}', '{}', ${later})`)
    await fill(`insert into oidc_device_codes (id, user_code, grant_id, payload, expires_at)
      values ('${grant}', '${grant}', '${grant}', '', ${later})`)
    await fill(`insert into consents (user_id, client_id, scopes)
      values ('${user}', '${client}', '{openid}')`)
  }
  await fill(`insert into oidc_sessions (uid, id, account_id, payload, authorizations, expires_at)
    values ('one', 'one', 'anna', '{}', '{"shop": {"grantId": "anna-shop"}, "partner": {}}', ${later})`)

  const access = personAccess(db)
  assert.equal(await access.removeClient('anna', 'nobody'), false)
  assert.equal(await access.removeClient('anna', 'shop'), true)
  assert.deepEqual(
    (await access.clients('anna')).map(({ clientId, grants }) => [clientId, grants]),
    [['partner', 1]],
  )
  assert.deepEqual((await access.sessions('anna'))[0]!.clients, ['partner'])
  for (const table of ['oidc_grants', 'oidc_tokens', 'oidc_device_codes', 'consents']) {
    assert.equal(Number((await db.knex(table).count())[0]!.count), 2, table)
  }
  assert.equal(await access.removeClient('anna', 'shop'), false)
})
