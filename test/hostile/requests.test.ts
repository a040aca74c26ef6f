import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { startAttack } from './attack.ts'
import { contentTypes, headers, injections, paths, pollution } from './corpus/http.ts'
import { judge, pooled } from './judge.ts'
import { querySite } from './sites.ts'

const attack = await startAttack({ after })
const { server, shop, ask, sendAll } = attack
const found: string[] = []
const none = () => assert.deepEqual(found.splice(0), [])
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const html = { accept: 'text/html' }

const person = visitor(server)
await person.open((await shop.authorize()).url)
const signIn = new URL(person.here().url).pathname
const cookie = { cookie: person.jar.header(new URL(person.here().url)) }

const posts = ['/oidc/token', '/oidc/device', '/l/AAAAAAAAAAAAAAAAAAAAAA', `${signIn}/identify`]
const gets = [
  '/oidc/.well-known/openid-configuration',
  '/oidc/auth?client_id=nobody',
  '/oidc/device',
  '/l/AAAAAAAAAAAAAAAAAAAAAA',
  signIn,
]

test('a body of any type is read as what it is, or refused', async () => {
  await pooled(posts, 4, async (path) => {
    for (const type of contentTypes) {
      for (const body of ['identifier=ada', '{"identifier":["a"]}', '\xff\xfe\0\0', '']) {
        const how = { method: 'POST', body, headers: { ...cookie, 'content-type': type } }
        found.push(...(await ask(`${path} as ${type.slice(0, 60)}`, path, how)))
      }
    }
  })
  none()
})

test('a header of any kind changes nothing that it should not', async () => {
  await pooled(gets, 4, async (path) => {
    for (const [name, value] of headers) {
      // Two cookie headers would be one, so this one goes alone.
      const own = name === 'cookie' ? {} : cookie
      const how = { headers: { ...html, ...own, [name]: value } }
      found.push(...(await ask(`${path} ${name}: ${value.slice(0, 60)}`, path, how)))
    }
  })
  none()
})

test('a parameter that comes twice, or as a list, is not taken for one that comes once', async () => {
  const targets: [path: string, name: string][] = [
    ['/oidc/auth', 'client_id'],
    ['/oidc/auth', 'redirect_uri'],
    ['/oidc/device', 'user_code'],
    [signIn, 'lang'],
    [signIn, 'mode'],
    [`${signIn}/state`, 'proven'],
    ['/oidc/session/end', 'post_logout_redirect_uri'],
  ]
  await pooled(targets, 4, async ([path, name]) => {
    for (const query of pollution(name)) {
      const where = `${path} ${query.slice(0, 60)}`
      found.push(...(await ask(where, `${path}?${query}`, { headers: { ...html, ...cookie } })))
    }
  })
  const fields: [path: string, name: string][] = [
    ['/oidc/token', 'grant_type'],
    ['/oidc/request', 'redirect_uri'],
    ['/oidc/token/introspection', 'token'],
    [`${signIn}/identify`, 'identifier'],
    [`${signIn}/profile`, 'name'],
    ['/oidc/device', 'xsrf'],
    ['/l/AAAAAAAAAAAAAAAAAAAAAA', 'a'],
  ]
  await pooled(fields, 4, async ([path, name]) => {
    for (const body of pollution(name)) {
      const how = { method: 'POST', body, headers: { ...form, ...cookie } }
      found.push(...(await ask(`${path} ${body.slice(0, 60)}`, path, how)))
    }
  })
  none()
})

test('two addresses in one form are refused', async () => {
  for (const fields of [
    'identifier=a@example.com&identifier=b@victim.example',
    'identifier[]=a@example.com&identifier[]=b@victim.example',
    'identifier[0]=b@victim.example',
  ]) {
    const { status } = await person.post(`${signIn}/identify`, fields)
    assert.equal(status, 422, fields)
  }
})

test('a path that leads nowhere leads nowhere', async () => {
  await pooled(paths, 4, async (path) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      const how = { method, headers: { ...html, ...(method === 'POST' ? form : {}) } }
      found.push(...(await ask(`${method} ${path.slice(0, 60)}`, path, how)))
    }
    const { status, headers: got } = await server.fetch(`${server.baseUrl}${path}`, {
      headers: html,
    })
    const pages = /^\/oidc\/(?:device|session)|^\/interaction\/[^/]+\/state|^\/\/+/
    if (status < 400 && !pages.test(path) && !got.get('location')) found.push(`${path}: ${status}`)
  })
  none()
})

test('no parameter can end a header and begin another', async () => {
  const values = injections.map((raw) => ({ raw }))
  const authorize = {
    ...(await shop.authorize({ prompt: 'none' })).parameters,
    client_id: 'shop',
    response_type: 'code',
  }
  const out = { client_id: 'shop', post_logout_redirect_uri: shop.signedOutUri }
  await sendAll(
    [
      ...['state', 'scope', 'redirect_uri', 'ui_locales', 'claims', 'resource'].map((name) =>
        querySite(attack, '/oidc/auth', name, authorize),
      ),
      querySite(attack, '/oidc/session/end', 'state', out),
      querySite(attack, '/oidc/session/end', 'post_logout_redirect_uri', { client_id: 'shop' }),
      querySite(attack, '/oidc/device', 'lang'),
      querySite(attack, '/oidc/device', 'user_code'),
      querySite(attack, '/nothing', 'a'),
    ],
    values,
  )
})

test('the sign-in that all of this was sent with still goes on', async () => {
  await person.open(`${signIn}?change=1`)
  const { text } = await person.submit('identify', { identifier: 'patient@example.com' })
  assert.match(text, /Check your email/)
  attack.assertMessages()
})

test('after all of that the log has one entry on each line and no failure', () => {
  assert.ok(attack.requests() > 1000, `${attack.requests()} requests were judged`)
  attack.assertLog()
})

test('an answer that does harm is noticed, whatever the harm', () => {
  const headersOf = (values: Record<string, string>) => new Headers(values)
  const fine = { status: 200, headers: headersOf({}), body: '', left: null, ms: 1 }
  const markup = '<script>alert(1)</script>'
  const page = headersOf({ 'content-type': 'text/html; charset=utf-8' })
  const harmful: [string, object][] = [
    ['it failed', { status: 500 }],
    ['it took too long', { ms: 60_000 }],
    ['a header was injected', { headers: headersOf({ 'X-Injected': '1' }) }],
    ['a header was injected', { headers: headersOf({ 'set-cookie': 'injected=1' }) }],
    ['markup came back', { headers: page, body: `<p>${markup}</p>` }],
    ['a link runs a script', { body: '<a href="javascript:alert(1)">' }],
    ['a link of ours leads elsewhere', { body: '<form action="//evil.example/">' }],
    ['it tells how it is built', { body: 'Error\n    at file:///app/src/main.ts:1:1' }],
    ['the browser was sent to https://evil.example/', { left: 'https://evil.example/' }],
  ]
  for (const [fault, harm] of harmful) {
    const asked = { where: 'here', value: markup, answer: { ...fine, ...harm } }
    assert.match(judge(asked, () => false).join(), new RegExp(fault))
  }
  assert.deepEqual(
    judge({ where: 'here', value: markup, answer: fine }, () => false),
    [],
  )
})
