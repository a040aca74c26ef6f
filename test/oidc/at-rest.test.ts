import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { relyingParty } from '../support/relying-party.ts'
import { ask, database, newMember, startProvider } from './provider.ts'

const offline = { scope: 'openid offline_access' }
const shop = await relyingParty({ after })
const tv = await relyingParty(
  { after },
  {
    clientId: 'tv',
    clientSecret: null,
    registration: {
      redirect_uris: [],
      post_logout_redirect_uris: [],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    },
  },
)
const server = await startProvider({ after }, [shop, tv])
const sql = database({ after }, server)

/** Every row of every table, as text; binary columns as hexadecimal digits. */
const dump = async (): Promise<string> => {
  const tables = await sql<{ name: string }>(
    `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => sql<{ row: string }>(`select t::text as row from ${name} t`)),
  )
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n')
}

/** A value as it might be written: plainly, inside of a binary column, or encoded once more. */
const spellings = (value: string): string[] => [
  value,
  Buffer.from(value).toString('hex'),
  Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1),
  ...(/^[\w-]{22,}$/.test(value) ? [Buffer.from(value, 'base64url').toString('hex')] : []),
]
const found = (text: string, value: string) => spellings(value).some((one) => text.includes(one))

test('nothing that a bearer could use is in a copy of the database', async () => {
  const secrets: Record<string, string> = {}
  const anna = newMember(server)
  const cookies = (when: string) => {
    for (const { name, value } of anna.browser.jar.all()) {
      // The name of an interaction is in its address, too, and opens nothing without its signature.
      if (/interaction$|resume$/.test(name)) continue
      secrets[`cookie ${name} ${when}`] = value
    }
  }

  const { request, url } = await anna.authorize(shop, offline)
  cookies('after the sign-in')
  secrets['unused code'] = new URL((await anna.authorize(shop)).url).searchParams.get('code')!
  secrets['used code'] = new URL(url).searchParams.get('code')!
  secrets.verifier = request.verifier
  const tokens = await shop.exchange(request, url)
  secrets['access token'] = tokens.access_token
  secrets['refresh token'] = tokens.refresh_token!
  secrets['ID token'] = tokens.id_token!
  secrets['refreshed access token'] = (await shop.refresh(tokens)).access_token

  const pushed = await shop.push({ id_token_hint: tokens.id_token! })
  secrets['pushed request'] = new URL(pushed.url).searchParams
    .get('request_uri')!
    .split(':')
    .at(-1)!
  await newMember(server).browser.open(pushed.url)
  const hinted = await shop.authorize({ id_token_hint: tokens.id_token!, prompt: 'login' })
  await anna.browser.open(hinted.url)

  const fields = { client_id: 'tv', scope: 'openid' }
  const { body: device } = await ask(server, 'device/auth', fields)
  secrets['device code'] = device.device_code
  secrets['user code'] = device.user_code
  secrets['user code without its hyphen'] = device.user_code.replace('-', '')
  await anna.browser.open(device.verification_uri_complete)
  await anna.browser.submit(({ names }) => names.has('user_code'))
  await anna.browser.submit(({ names }) => names.has('confirm'))
  cookies('at the end')
  const poll = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'tv' }
  const got = await ask(server, 'token', { ...poll, device_code: device.device_code })
  secrets["device's access token"] = got.body.access_token
  secrets['client secret'] = 'a-client-secret-for-tests-only-and-nothing-else'

  const text = await dump()
  for (const planted of ['planted-in-text', 'planted-in-bytes-of-some-length']) {
    assert.equal(found(text, planted), false)
    await sql(
      `insert into oidc_tokens (id, kind, payload, expires_at)
       values ($1::text::bytea, 'Planted', $2, now())`,
      [`planted-in-bytes-of-some-length ${planted}`, planted],
    )
    assert.ok(found(await dump(), planted), 'the search finds what is there')
    await sql(`delete from oidc_tokens where kind = 'Planted'`)
  }
  assert.ok(Object.keys(secrets).length >= 15)
  for (const [what, value] of Object.entries(secrets)) {
    assert.ok(value?.length > 7, what)
    assert.equal(found(text, value), false, `${what} is in the database`)
  }
})

test('nothing of it is in what the server has printed', () => {
  const printed = server.output()
  assert.ok(printed.length > 0)
  assert.doesNotMatch(printed, /refresh_token|access_token|id_token=|request_uri=|[?&]code=/)
})
