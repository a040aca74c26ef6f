/** Imported people keep their ids, so that somebody may be called like a client. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { managementScopes } from '#src/admin/index.ts'
import { giveCode } from '../flows/people.ts'
import { openSite, tokensOf } from '../flows/site.ts'
import { ask, basic } from '../oidc/provider.ts'
import { accessToken, apiOf, program } from './api.ts'

const device = 'urn:ietf:params:oauth:grant-type:device_code'
const { client_secret } = program('both')
const site = await openSite({ after }, { sign_in_experience: { profile: [] } }, [
  {
    clientId: 'both',
    clientSecret: client_secret,
    registration: {
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials', device],
      api_scopes: managementScopes,
    },
  },
])
const { server } = site
const both = site.parties[1]!
const wanted = {
  scope: `openid offline_access ${managementScopes.join(' ')}`,
  resource: `${server.baseUrl}/api`,
}
await site.sql(`insert into users (id, name) values ('both', 'Bo Both')`)
await site.sql(
  `insert into identifiers (user_id, type, value, display, verified_at)
   values ('both', 'email', 'bo@example.com', 'bo@example.com', now())`,
)
const statusOf = async (token: string) =>
  (await apiOf(server, token).call('GET', '/settings')).status

test('a person who is called like a client is not taken for it, however they sign in', async () => {
  const arrival = await site.arrive(wanted, { party: both })
  await giveCode(site, arrival.person, 'bo@example.com')
  const tokens = await tokensOf(arrival)
  assert.equal(tokens.claims()!.sub, 'both')
  assert.equal(await statusOf(tokens.access_token), 401)
  const refreshed = await both.refresh(tokens, { resource: wanted.resource })
  assert.equal(await statusOf(refreshed.access_token), 401)

  const credentials = basic('both', client_secret)
  const { body } = await ask(server, 'device/auth', wanted, credentials)
  await arrival.person.open(body.verification_uri_complete)
  await arrival.person.submit(({ names }) => names.has('user_code'))
  await arrival.person.submit(({ names }) => names.has('confirm'), { confirm: 'yes' })
  const given = { grant_type: device, device_code: body.device_code }
  const polled = await ask(server, 'token', { ...given, resource: wanted.resource }, credentials)
  assert.equal(polled.status, 200, JSON.stringify(polled.body))
  assert.equal(await statusOf(polled.body.access_token), 401)

  assert.equal(await statusOf(await accessToken(server, 'both')), 200, 'the client itself may')
})
