import assert from 'node:assert/strict'
import { forgetClient } from '#src/oidc/client-repository.ts'
import { testOnBoth } from '../support/database.ts'

testOnBoth('all that a client was given goes with it, and nothing of others', async (_t, db) => {
  const fill = async (text: string) => void (await db.knex.raw(text))
  await fill(`insert into users (id) select 'u' || n from generate_series(1, 2100) n`)
  // More than one batch for one client, little for the other.
  for (const [client, count] of [
    ['gone', 2100],
    ['stays', 2],
  ]) {
    const each = `from generate_series(1, ${count}) n`
    await fill(`insert into oidc_grants (id, account_id, client_id, payload, expires_at)
      select '${client}' || n, 'u' || n, '${client}', '{}', now() + interval '1 day' ${each}`)
    await fill(`insert into oidc_tokens (id, kind, grant_id, client_id, payload, expires_at)
      select decode(md5('${client}' || n), 'hex'), 'RefreshToken', '${client}' || n, '${client}',
             '{}', now() ${each}`)
    await fill(`insert into oidc_tokens (id, kind, client_id, payload, expires_at)
      select decode(md5('own ${client}' || n), 'hex'), 'ClientCredentials', '${client}', '{}', now()
      ${each}`)
    await fill(`insert into oidc_device_codes (id, user_code, grant_id, payload, expires_at)
      select decode(md5('${client}' || n), 'hex'), decode(md5('${client}' || n), 'hex'),
             '${client}' || n, '', now() ${each}`)
    await fill(`insert into consents (user_id, client_id, scopes)
      select 'u' || n, '${client}', '{openid}' ${each}`)
  }
  await db.transaction((tx) => forgetClient(tx, 'gone'))
  const left = async (table: string) => Number((await db.knex(table).count())[0]!.count)
  assert.deepEqual(
    [
      await left('oidc_grants'),
      await left('oidc_tokens'),
      await left('oidc_device_codes'),
      await left('consents'),
    ],
    [2, 4, 2, 2],
  )
})
