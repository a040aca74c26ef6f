import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { frameworks } from '#src/admin/console/clients/frameworks.ts'
import type { ClientView } from '#src/admin/console/clients/pages.ts'
import { quickStart } from '#src/admin/console/clients/quick-start.ts'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { loopbackFetch } from '../support/loopback.ts'
import { freePort } from '../support/ports.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { hindrance, type Needs, runSnippets, snippetsOf } from './snippets.ts'

const execute = promisify(execFile)
const server = await startServer({ after })
const { owner } = await becomeOwner(server)

/** Those whose pages need a browser are run in `test/browser/quick-starts.test.ts`. */
const needs: Record<string, Needs> = {
  express: { runtime: ['npm', '--version'], packages: ['npm', 'view', 'openid-client', 'version'] },
  go: {
    runtime: ['go', 'version'],
    packages: ['go', 'list', '-m', 'github.com/coreos/go-oidc/v3@latest'],
  },
  python: {
    runtime: ['python3', '-c', 'import venv, ensurepip'],
    packages: ['python3', '-m', 'pip', 'index', 'versions', 'Authlib'],
  },
}

/** Signs somebody in at an application, from its first page to the one that shows the claims. */
const signInAt = async (origin: string, email: string): Promise<string> => {
  const app = visitor({ fetch: loopbackFetch(origin), baseUrl: origin })
  const started = await app.open(`${origin}/login`)
  assert.ok(started.left, `${started.status} ${started.text}`)
  const person = visitor(server)
  await person.open(started.left)
  await person.submit('identify', { identifier: email })
  let arrived = await person.submit('verify/email-code', {
    code: await inbox(server).codeFor(email),
  })
  if (!arrived.left) arrived = await person.submit('profile', { name: 'Ada Example' })
  assert.ok(arrived.left, arrived.text)
  const back = await app.open(arrived.left)
  return back.html
}

const runs = async (t: TestContext, framework: string): Promise<void> => {
  const hindered = await hindrance(needs[framework]!)
  if (hindered) return t.skip(hindered)
  const origin = `http://localhost:${await freePort()}`
  await owner.open(`${server.baseUrl}/admin/clients/new?framework=${framework}`)
  const made = await owner.submit('new', {
    client_id: `made-with-${framework}`,
    redirect_uris: `${origin}/callback`,
  })
  await runSnippets(t, snippetsOf(made.html), origin)
  const email = `${framework}@example.com`
  const claims = await signInAt(origin, email)
  assert.match(claims, new RegExp(`email[^,]*${email}`))
  assert.ok(claims.includes(`made-with-${framework}`), claims)
}

for (const framework of Object.keys(needs)) {
  test(`the code for ${framework} that the console shows signs somebody in`, (t) =>
    runs(t, framework))
}

const client = {
  client_id: 'a"b\\c$d#{e}`f\'g',
  redirect_uris: ['http://localhost:4000/callback'],
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['authorization_code', 'client_credentials'],
  id_token_signed_response_alg: 'RS256',
  api_scopes: ['users:read'],
} as unknown as ClientView

test('whatever an id holds, it stays a value in the code', () => {
  for (const framework of frameworks) {
    const all = quickStart(framework, client, { baseUrl: 'https://id.example.com' })
    const text = all.map((each) => each.text).join('\n')
    assert.doesNotMatch(text, /\{\{\w|^@(if|end)/m, framework.id)
    assert.ok(!text.includes(client.client_id), framework.id)
    assert.doesNotMatch(text, /['"= ]undefined['"\n]/, framework.id)
    for (const [literal] of text.matchAll(/"a\\u0022b[^\n]*?g"/g)) {
      assert.equal(JSON.parse(literal), client.client_id)
    }
  }
})

test('the code says nothing of http where the issuer has https, and masks the secret', () => {
  for (const framework of frameworks) {
    const at = (baseUrl: string, secret: string | null = null) =>
      quickStart(framework, client, { baseUrl, secret })
        .map((each) => each.text)
        .join('\n')
    assert.doesNotMatch(at('https://id.example.com'), /without https/, framework.id)
    const isPublic = framework.method === 'none'
    assert.equal(at('https://id.example.com').includes('paste-the-secret-here'), !isPublic)
    assert.equal(at('https://id.example.com', 'S3cret').includes('S3cret'), !isPublic)
  }
})

/** Every way in which the code of a framework can be written. */
const variants = frameworks.flatMap((framework) =>
  (framework.method === 'none' ? ['none'] : ['client_secret_basic', 'client_secret_post']).flatMap(
    (method) =>
      ['RS256', 'ES256'].flatMap((alg) =>
        ['http://localhost:3000', 'https://id.example.com'].map((baseUrl) => ({
          name: `${framework.id}, ${method}, ${alg}, ${baseUrl}`,
          snippets: quickStart(
            framework,
            {
              ...client,
              client_id: 'shop',
              redirect_uris: [framework.redirectUri],
              token_endpoint_auth_method: method,
              id_token_signed_response_alg: alg,
            } as ClientView,
            { baseUrl },
          ),
        })),
      ),
  ),
)

/** Brackets outside of quotes and comments that are left open, or were never opened. */
const unbalanced = (code: string): string => {
  const bare = code
    .replace(/^\s*(#|\/\/).*$/gm, '')
    .replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, '')
  const open: string[] = []
  const opens: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
  for (const sign of bare.match(/[()[\]{}]/g) ?? []) {
    if (sign in opens && open.at(-1) === opens[sign]) open.pop()
    else open.push(sign)
  }
  return open.join('')
}

test('the code is whole in every variant', async () => {
  assert.equal(variants.length, 9 * 8 + 2 * 4)
  for (const { name, snippets } of variants) {
    const all = snippets.map(({ text }) => text).join('\n')
    for (const value of ['shop', '/oidc']) assert.ok(all.includes(value), `${name}: ${value}`)
    assert.ok(snippets.length > 1 && snippets.every(({ text }) => text), name)
    for (const { name: file, text } of snippets) {
      assert.equal(unbalanced(text), '', `${name}: ${file}`)
      if (file.endsWith('.yaml')) assert.ok(parse(text), name)
      if (!file.includes('.')) await execute('sh', ['-n', '-c', text])
    }
  }
})

test('Spring reads the very values of the application', () => {
  const spring = frameworks.find(({ id }) => id === 'spring')!
  const all = quickStart(spring, client, { baseUrl: 'https://id.example.com' })
  const { security } = parse(all.find(({ name }) => name.endsWith('.yaml'))!.text).spring
  const { registration, provider } = security.oauth2.client
  assert.equal(registration.avouch['client-id'], client.client_id)
  assert.equal(registration.avouch['redirect-uri'], client.redirect_uris[0])
  assert.equal(provider.avouch['issuer-uri'], 'https://id.example.com/oidc')
})

test('an application has code for what it can be made with, beginning with what fits', async () => {
  const { html } = await owner.open(`${server.baseUrl}/admin/clients/demo/quick-start`)
  for (const { id } of frameworks.filter(({ method }) => method !== 'none')) {
    const { status, text } = await owner.open(
      `${server.baseUrl}/admin/clients/demo/quick-start?framework=${id}`,
    )
    assert.equal(status, 200, id)
    assert.ok(text.includes(server.issuer), id)
  }
  assert.doesNotMatch(html, /framework=flutter/)
  const next = await owner.open(`${server.baseUrl}/admin/clients/demo/quick-start?framework=nextjs`)
  assert.match(next.text, /Add that to the redirect URIs first/)
})
