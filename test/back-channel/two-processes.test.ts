import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { database, newMember, quick } from '../oidc/provider.ts'
import { startServers } from '../support/several-servers.ts'
import { hearingParty } from './party.ts'

test('of two processes, one tells of each session, and none of it twice', async (t) => {
  const shop = await hearingParty(t, 'shop')
  const servers = await startServers(t, 2, {
    config: { ...quick, clients: [shop.registration, program('ops')] },
  })
  await shop.discover(servers)
  const sql = database(t, servers)
  const api = apiOf(servers, await accessToken(servers, 'ops'))
  const people: { sub: string; sid: unknown }[] = []
  for (let number = 0; number < 30; number++) {
    const { sub, sid } = (await newMember(servers).signIn(shop)).claims()!
    people.push({ sub, sid })
  }
  const ended = people.map(({ sid }) => sid)
  await Promise.all(people.map(({ sub }) => api.call('POST', `/users/${sub}/sign-out`)))
  await Promise.all(ended.map((sid) => shop.untilEnded(sid)))
  const waiting = `select 1 from logout_deliveries where state = 'pending'`
  while ((await sql(waiting)).length > 0) await sleep(20)
  assert.deepEqual(shop.heard.map(({ claims }) => claims.sid).sort(), [...ended].sort())
  const jtis = new Set(shop.heard.map(({ claims }) => claims.jti))
  assert.equal(jtis.size, ended.length)

  // Whoever ended it, on whichever process: by the clock of the database, which both go by.
  const waits = await sql<{ seconds: number }>(
    `select extract(epoch from attempted_at - created_at)::float as seconds
       from logout_deliveries where attempts = 1 order by seconds`,
  )
  const middle = waits[Math.floor(waits.length / 2)]!.seconds
  assert.ok(middle < 1, `Half of them took ${middle} seconds`)
})
