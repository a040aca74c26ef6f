import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { managementScopes } from '#src/admin/index.ts'
import { database } from '../oidc/provider.ts'
import { visitor } from '../support/http.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { clientConsole, secretIn } from './console-client.ts'

const server = await startServer(
  { after },
  {
    config: {
      clients: [
        { client_id: 'held', client_name: 'Held', redirect_uris: ['https://held.example/cb'] },
        {
          client_id: 'program',
          client_secret: 'a-secret-for-tests-only-a-secret',
          grant_types: ['client_credentials'],
          api_scopes: managementScopes,
        },
      ],
    },
  },
)
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)
const valueIn = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1]
const areaIn = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]*>\\s*([^<]*)</textarea>`).exec(html)?.[1]
const as = (role: string) => sql('update admins set role = $1', [role])
const post = (path: string, fields: Record<string, string>) =>
  owner.post(`${server.baseUrl}/admin/${path}`, fields)

const { make, tokenError } = clientConsole(server, owner)

test('an application is made by its framework, and its secret is shown once', async () => {
  await open('clients')
  const { text } = await open('clients/new')
  for (const name of ['Next.js', 'React', 'Express', 'Go', 'Python', 'Spring', '.NET', 'Laravel']) {
    assert.ok(text.includes(name), name)
  }
  const made = await make('express', { client_id: 'shop', client_name: 'Shop' })
  assert.equal(made.status, 200)
  const secret = secretIn(made.html)
  assert.ok(secret, made.text)
  assert.ok(!made.url.includes(secret))
  assert.ok(made.text.includes(`export CLIENT_SECRET=${secret}`))
  assert.equal(await tokenError('shop', secret), 'invalid_grant')
  assert.equal(await tokenError('shop', `${secret}x`), 'invalid_client')

  // The form once more, as a reload would send it.
  const again = await post('clients/new', {
    framework: 'express',
    client_id: 'shop',
    redirect_uris: 'http://localhost:4000/callback',
  })
  assert.equal(again.status, 409)
  assert.match(again.text, /client_id ?: is the id of another client/)
  for (const path of ['clients/shop', 'clients/shop/secrets', 'clients/shop/quick-start']) {
    assert.ok(!(await open(path)).html.includes(secret), path)
  }
})

test('what runs on the devices of people is public, and an app has a scheme of its own', async () => {
  const made = await make('flutter', { client_id: 'app', client_name: 'App' })
  assert.equal(secretIn(made.html), undefined)
  assert.match(made.text, /It needs no secret/)
  const { html } = await open('clients/app')
  assert.match(html, /value="none" selected/)
  assert.match(html, /value="native" selected/)
})

test('an application that is called like a page of the console has pages all the same', async () => {
  await make('curl', { client_id: 'new', client_name: 'Newest' })
  const { html } = await open('clients')
  const href = /href="([^"]*%6eew)"/.exec(html)?.[1]
  assert.ok(href, html)
  assert.match((await owner.open(`${server.baseUrl}${href}`)).html, /<h1>Newest<\/h1>/)
})

test('a redirect URI with a wildcard is refused, with the words that help, in either language', async () => {
  const uris = 'https://shop.example/cb\nhttps://*.shop.example/cb'
  const refused = await make('express', { redirect_uris: uris, client_name: 'Stars' })
  assert.equal(refused.status, 422)
  assert.match(
    refused.text,
    /https:\/\/\*\.shop\.example\/cb: may hold no wildcard .* list each one/,
  )
  assert.equal(areaIn(refused.html, 'redirect_uris')?.replaceAll('\r', ''), uris)
  assert.match(refused.html, /id="field-redirect_uris-error"/)
  const german = visitor(server, { 'accept-language': 'de' }, { jar: owner.jar.copy(), last: null })
  await german.open(`${server.baseUrl}/admin/clients/new?framework=go`)
  const { text } = await german.submit('new', { redirect_uris: 'https://shop.example/*' })
  assert.match(text, /https:\/\/shop\.example\/\*: darf keinen Platzhalter \(\*\) enthalten/)
})

test('a redirect URI is checked while it is typed, by the same rules', async () => {
  const ask = async (...uris: string[]) => {
    const query = new URLSearchParams(uris.map((uri): [string, string] => ['uri', uri]))
    const { html } = await open(`clients/check-uri?${query}`)
    return JSON.parse(html).data as { uri: string; fault: string | null; note: string | null }[]
  }
  const [good, star, plain, local, app, upper] = await ask(
    'https://shop.example/cb',
    'https://*.shop.example/cb',
    'http://shop.example/cb',
    'http://localhost:4000/cb',
    'com.example.app:/cb',
    'https://SHOP.example/cb',
  )
  assert.deepEqual(good, { uri: 'https://shop.example/cb', fault: null, note: null })
  assert.match(star!.fault!, /no wildcard/)
  assert.match(plain!.fault!, /has to be https/)
  assert.equal(local!.fault, null)
  assert.match(local!.note!, /this machine alone/)
  assert.match(app!.note!, /installed/)
  assert.match(upper!.fault!, /has to be written as https:\/\/shop\.example\/cb/)
  assert.deepEqual(await ask(), [])
  const stranger = await visitor(server).open(`${server.baseUrl}/admin/clients/check-uri?uri=a`)
  assert.doesNotMatch(stranger.url, /check-uri/)
})

test('the list finds applications by name and id', async () => {
  const { text } = await open('clients?search=SHO')
  assert.match(text, /Shop/)
  assert.doesNotMatch(text, /Held/)
  assert.match((await open('clients?search=nothing-like-it')).text, /No application has this/)
  assert.equal((await open('clients?cursor=nonsense')).status, 422)
})

test('everything of an application can be changed, and is kept', async () => {
  await open('clients/shop')
  const saved = await owner.submit('shop', {
    client_name: 'Big shop',
    redirect_uris: 'https://shop.example/cb\r\n\r\nhttps://shop.example/other',
    first_party: [],
    'branding.color': '#1a5fb4',
    logo_uri: 'https://shop.example/logo.svg',
    api_scopes: ['users:read', 'audit:read'],
  })
  assert.match(saved.text, /Saved/)
  assert.match(saved.html, /<h1>Big shop<\/h1>/)
  assert.equal(valueIn(saved.html, 'branding.color'), '#1a5fb4')
  assert.equal(
    areaIn(saved.html, 'redirect_uris'),
    'https://shop.example/cb\nhttps://shop.example/other',
  )
  assert.match(saved.html, /name="api_scopes" value="audit:read" checked/)
  const emptied = await owner.submit('shop', {
    'branding.color': '',
    logo_uri: '',
    api_scopes: [],
  })
  assert.equal(emptied.status, 200)
  assert.equal(valueIn(emptied.html, 'logo_uri'), '')
  assert.doesNotMatch(emptied.html, /name="api_scopes" value="audit:read" checked/)
})

test('a fault is told beside its field, and what was typed is kept', async () => {
  await open('clients/shop')
  const { status, text, html } = await owner.submit('shop', {
    logo_uri: 'ftp://shop.example/logo',
    jwks: '{"keys":',
    client_name: 'Typed',
  })
  assert.equal(status, 422)
  assert.match(text, /jwks ?: is not JSON/)
  assert.equal(valueIn(html, 'client_name'), 'Typed')
  const again = await owner.submit('shop', { jwks: '' })
  assert.equal(again.status, 422)
  assert.match(again.html, /id="field-logo_uri-error"/)
})

test('of two admins who save at once, one is told, and loses nothing', async () => {
  await open('clients/shop')
  const other = owner.copy()
  await owner.submit('shop', { client_name: 'First' })
  const told = await other.submit('shop', { client_name: 'Second' })
  assert.equal(told.status, 412)
  assert.match(told.text, /Somebody else has changed this meanwhile/)
  assert.equal(valueIn(told.html, 'client_name'), 'Second')
  assert.equal((await other.submit('shop')).status, 200)
  assert.match((await open('clients/shop')).html, /<h1>Second<\/h1>/)
})

test('what the configuration file holds is shown, and says why it can not be changed', async () => {
  const { html, text } = await open('clients/held')
  assert.match(text, /The configuration file holds this application/)
  assert.doesNotMatch(html, /type="submit">Save/)
  assert.equal(
    (await post('clients/held', { client_name: 'Mine', grant_types: 'authorization_code' })).status,
    409,
  )
  assert.equal((await post('clients/held/delete', {})).status, 409)
  assert.match((await open('clients/held')).html, /<h1>Held<\/h1>/)
})

test('only scopes that an admin has are offered to be given, and no others are taken', async () => {
  await make('curl', { client_id: 'tool' })
  await as('admin')
  const { html } = await open('clients/tool')
  assert.match(html, /value="users:write"/)
  assert.doesNotMatch(html, /value="admins:write"/)
  const given = await owner.submit('tool', { api_scopes: ['admins:write'] })
  assert.equal(given.status, 403)
  await as('owner')
  await open('clients/tool')
  await owner.submit('tool', { api_scopes: ['admins:write'] })
  await as('admin')
  const beyond = await open('clients/tool')
  assert.match(beyond.text, /It may do what you may not/)
  assert.doesNotMatch(beyond.html, /type="submit">Save/)
  assert.equal((await post('clients/tool/secrets', { label: 'mine' })).status, 403)
  await as('owner')
})

test('whoever may only read sees everything and presses nothing', async () => {
  await as('read-only')
  assert.doesNotMatch((await open('clients')).html, /New application/)
  assert.equal((await open('clients/new')).status, 403)
  const { html, text } = await open('clients/shop')
  assert.match(text, /With your role, you see it/)
  assert.doesNotMatch(html, /type="submit">Save/)
  assert.doesNotMatch((await open('clients/shop/secrets')).text, /Make the secret/)
  const attempts: [string, Record<string, string>][] = [
    ['clients/new', { client_id: 'x', redirect_uris: 'https://x.example/cb' }],
    ['clients/shop', { client_name: 'Mine' }],
    ['clients/shop/secrets', {}],
    ['clients/shop/secrets/remove', { secret_id: 'a' }],
    ['clients/shop/delete', {}],
  ]
  for (const [path, fields] of attempts) {
    assert.equal((await post(path, fields)).status, 403, path)
  }
  await as('owner')
})

test('to delete an application asks for a fresh sign-in, and then it is gone', async () => {
  await sql("update console_sessions set authenticated_at = now() - interval '6 minutes'")
  await open('clients/app/delete')
  const stale = await owner.submit('delete')
  assert.match(stale.hops.join(' '), /\/admin\/sign-in\?.*fresh=1/)
  await sql('update console_sessions set authenticated_at = now()')
  await open('clients/app/delete')
  const { text, url } = await owner.submit('delete')
  assert.match(url, /\/admin\/clients\?done=deleted$/)
  assert.match(text, /Deleted/)
  assert.equal((await open('clients/app')).status, 404)
})

test('what went wrong for the people of an application is told on its page', async () => {
  await sql(
    `insert into audit_events (event, client_id, method, result)
     values ('verification.failed', 'shop', 'email-code', 'incorrect_code')`,
  )
  // However much went well since.
  await sql(
    `insert into audit_events (event, client_id)
     select 'sign_in.completed', 'shop' from generate_series(1, 150)`,
  )
  // And however often it went wrong elsewhere.
  const elsewhere = "select 'verification.failed', 'other' from generate_series(1, 20500)"
  await sql(`insert into audit_events (event, client_id) ${elsewhere}`)
  const { text, html } = await open('clients/shop/events')
  assert.match(text, /A proof failed verification\.failed Code by email: wrong code/)
  assert.match(html, /href="\/admin\/audit\/\d+"/)
  assert.match((await open('clients/held/events')).text, /Nothing went wrong lately/)
})

test('where an application hears of sign-outs is entered here, and what it was not told is shown', async () => {
  await open('clients/shop')
  const refused = await owner.submit('clients/shop', {
    backchannel_logout_uri: 'https://10.0.0.1/logout',
  })
  assert.equal(refused.status, 422)
  assert.match(refused.html, /id="field-backchannel_logout_uri-error"/)
  assert.match(refused.text, /has to be a public address/)
  const saved = await owner.submit('clients/shop', {
    backchannel_logout_uri: 'https://shop.example/logout',
    backchannel_logout_session_required: 'on',
  })
  assert.match(saved.url, /\?done=saved$/)
  assert.equal(valueIn(saved.html, 'backchannel_logout_uri'), 'https://shop.example/logout')

  await sql(
    `insert into logout_deliveries (client_id, account_id, sid, state, attempts, status, next_at)
     values ('shop', 'anna', 'one', 'dead', 1, 400, now()),
            ('shop', 'ben', 'two', 'pending', 3, 503, now() + interval '1 hour'),
            ('shop', 'carl', 'three', 'delivered', 1, 200, now()),
            ('shop', 'dora', 'four', 'pending', 0, null, now() + interval '1 hour')`,
  )
  const { text } = await open('clients/shop/events')
  assert.match(text, /anna Answered with 400 Tries: 1 Given up/)
  assert.match(text, /ben Answered with 503 Tries: 3/)
  assert.doesNotMatch(text, /carl|dora/)
})
