import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import type { Asked } from '../support/loopback.ts'
import { relyingParty } from '../support/relying-party.ts'
import { codeIn, startProduction } from './production.ts'

const shop = await relyingParty({ after })
const { server, textTo } = await startProduction({ after }, { clients: [shop.registration] })
await shop.discover(server)

const html = { accept: 'text/html' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** One of every kind of answer there is. */
const asked: Record<string, [path: string, asked?: Asked, status?: number]> = {
  discovery: ['/oidc/.well-known/openid-configuration', {}, 200],
  'discovery for OAuth': ['/.well-known/oauth-authorization-server/oidc', {}, 200],
  keys: ['/oidc/jwks', {}, 200],
  'authorization request that is wrong': ['/oidc/auth?client_id=nobody', { headers: html }, 400],
  'token request without a client': [
    '/oidc/token',
    { method: 'POST', body: 'a=b', headers: form },
    400,
  ],
  'token request from a browser': [
    '/oidc/token',
    {
      method: 'OPTIONS',
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
    },
    204,
  ],
  'userinfo without a token': ['/oidc/me', {}, 401],
  'userinfo with a wrong token': ['/oidc/me', { headers: { authorization: 'Bearer wrong' } }, 401],
  'introspection without a client': [
    '/oidc/token/introspection',
    { method: 'POST', body: 'token=a', headers: form },
    400,
  ],
  'revocation without a client': [
    '/oidc/token/revocation',
    { method: 'POST', body: 'token=a', headers: form },
    400,
  ],
  'pushed request without a client': [
    '/oidc/request',
    { method: 'POST', body: 'a=b', headers: form },
    400,
  ],
  'device authorization without a client': [
    '/oidc/device/auth',
    { method: 'POST', body: 'a=b', headers: form },
    400,
  ],
  'device page': ['/oidc/device', { headers: html }, 200],
  'sign-out': ['/oidc/session/end', { headers: html }, 303],
  'signed out': ['/oidc/session/end/success', { headers: html }, 200],
  'sign-in of nobody': ['/interaction/nobody', { headers: html }, 410],
  'state of a sign-in of nobody': ['/interaction/nobody/state', {}, 200],
  'link that leads nowhere': ['/l/AAAAAAAAAAAAAAAAAAAAAA', { headers: html }, 404],
  'document of the API': ['/api/openapi.json', {}, 200],
  'pages about the API': ['/api/docs', { headers: html }, 200],
  'API without a token': ['/api/users', {}, 401],
  'API with a wrong token': ['/api/users', { headers: { authorization: 'Bearer a.b.c' } }, 401],
  'nothing in the API': ['/api/nothing', {}, 404],
  'API by a method that it does not have': ['/api/users', { method: 'DELETE' }, 405],
  'API with a body that is no JSON': [
    '/api/users',
    { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    400,
  ],
  stylesheet: ['/assets/page.css', {}],
  nothing: ['/nothing', { headers: html }, 404],
  'nothing for a program': ['/nothing', { headers: { accept: 'application/json' } }, 404],
  'nothing below the provider': ['/oidc/nothing', { headers: html }, 404],
  'inbox, which is not there': ['/dev/inbox', { headers: html }, 404],
  'another host': ['/', { headers: { ...html, host: 'evil.example' } }, 421],
  'a method that nobody uses': ['/', { method: 'PROPFIND' }, 405],
  'a post from elsewhere': [
    '/interaction/nobody/identify',
    { method: 'POST', body: 'a=b', headers: { ...form, origin: 'https://evil.example' } },
    403,
  ],
  'a path that is no text': ['/interaction/%ff', {}, 400],
}

const assertProtected = (name: string, { headers }: Response) => {
  const of = (header: string) => headers.get(header) ?? ''
  const policy = of('content-security-policy')
  for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), `${name}: ${policy}`)
  }
  assert.doesNotMatch(policy, /unsafe|\*/, name)
  assert.equal(of('x-content-type-options'), 'nosniff', name)
  assert.equal(of('x-frame-options'), 'DENY', name)
  assert.equal(of('cross-origin-opener-policy'), 'same-origin', name)
  assert.equal(of('cross-origin-resource-policy'), 'same-origin', name)
  assert.match(of('referrer-policy'), /^(same-origin|no-referrer)$/, name)
  assert.match(of('permissions-policy'), /publickey-credentials-get=\(self\)/, name)
  const years = Number(/max-age=(\d+)/.exec(of('strict-transport-security'))?.[1]) / 31_536_000
  assert.ok(years >= 1, `${name}: ${of('strict-transport-security')}`)
  assert.equal(headers.get('server'), null, name)
  assert.equal(headers.get('x-powered-by'), null, name)
}

for (const [name, [path, how = {}, status]] of Object.entries(asked)) {
  test(`every answer is protected: ${name}`, async () => {
    const answer = await server.fetch(`${server.baseUrl}${path}`, how)
    if (status) assert.equal(answer.status, status, await answer.clone().text())
    assertProtected(name, answer)
    const text = await answer.text()
    assert.doesNotMatch(text, /\bat .*\.[jt]s:\d+|node_modules|select .* from /i, name)
    if (answer.status >= 400) assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
    if (answer.headers.get('content-type')?.startsWith('text/html')) {
      assert.match(answer.headers.get('cache-control') ?? '', /no-store/, name)
      assert.match(answer.headers.get('content-type') ?? '', /charset=utf-8/, name)
    }
    if (path.startsWith('/l/')) assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  })
}

test('no site may read answers for people, and only registered ones those for their users', async () => {
  const origin = 'https://elsewhere.example'
  for (const path of [
    '/oidc/auth?client_id=shop',
    '/interaction/nobody',
    '/oidc/session/end',
    '/l/x',
    '/api/openapi.json',
    '/api/users',
  ]) {
    const { headers } = await server.fetch(`${server.baseUrl}${path}`, { headers: { origin } })
    assert.equal(headers.get('access-control-allow-origin'), null, path)
  }
  for (const from of [origin, 'null']) {
    const { headers } = await server.fetch(`${server.baseUrl}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'shop', code: 'x' }),
      headers: { origin: from },
    })
    assert.equal(headers.get('access-control-allow-credentials'), null)
  }
})

test('in production every cookie is bound to the host, to https and to the server', async () => {
  const set: string[] = []
  const listening = {
    ...server,
    fetch: async (url: string | URL, how?: Asked) => {
      const answer = await server.fetch(url, how)
      set.push(...answer.headers.getSetCookie())
      return answer
    },
  }
  const person = visitor(listening)
  const request = await shop.authorize({ scope: 'openid' })
  await person.open(request.url)
  await person.open(`${person.here().url}?lang=de`)
  await person.submit('identify', { identifier: '+12015550141' })
  await person.submit('verify/sms-code', { code: codeIn(await textTo('+12015550141')) })
  const { left } = await person.submit('profile', { name: 'Conny Cookie' })
  const tokens = await shop.exchange(request, left!)
  await person.open((await shop.authorize({ prompt: 'none' })).url)
  await person.open(shop.logoutUrl(tokens))

  const names = new Set(set.map((line) => line.split('=')[0]!.replace(/\.sig$/, '')))
  assert.deepEqual([...names].sort(), [
    '__Host-avouch_browser',
    '__Host-avouch_lang',
    '__Host-avouch_session',
    '__Secure-avouch_interaction',
    '__Secure-avouch_resume',
  ])
  for (const line of set) {
    const attributes = line.toLowerCase().split(/;\s*/)
    assert.ok(attributes.includes('secure'), line)
    assert.ok(attributes.includes('httponly'), line)
    // Gone is gone, on whichever site.
    if (!line.includes('1970')) assert.ok(attributes.includes('samesite=lax'), line)
    assert.ok(!attributes.some((part) => part.startsWith('domain=')), line)
    if (line.startsWith('__Host-')) assert.ok(attributes.includes('path=/'), line)
    else
      assert.ok(
        attributes.some((part) => /^path=\/(interaction|oidc)\//.test(part)),
        line,
      )
    assert.ok(line.length < 1024, line)
  }
})
