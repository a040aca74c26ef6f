import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigurationError } from '#config/configuration-error.ts'
import { parseConfigFile } from '#config/file.ts'
import { outbound } from '#src/lib/outbound.ts'
import { faultsOf, parse, secret, validateConnector, variables } from './read.ts'

const clientFaults = (yaml: string) =>
  faultsOf(`clients:\n  - ${yaml.trim().replaceAll('\n', '\n    ')}`)
const redirect = (uri: string) =>
  clientFaults(`client_id: app\nredirect_uris: [${JSON.stringify(uri)}]`)

test('redirect URIs are exact, and lead to the web, to this machine or to an app', () => {
  for (const uri of [
    'https://shop.example',
    'https://shop.example/callback?tenant=1',
    'http://localhost:8080/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:9000/cb',
    'com.example.app:/callback',
    'com.example.app://callback',
  ]) {
    assert.deepEqual(redirect(uri), [], uri)
  }
})

test('redirect URIs that somebody else could answer at are refused', () => {
  for (const uri of [
    '',
    'shop.example/callback',
    '/callback',
    'http://shop.example/callback',
    'http://localhost.evil.example/cb',
    'https://shop.example/cb#f',
    'https://shop.example/cb#',
    'https://*.shop.example/cb',
    'https://shop.example/*',
    'https://user@shop.example/cb',
    'https://shop.example/a/../cb',
    'https://shop.example/a/%2e%2e/cb',
    'https://SHOP.example/cb',
    'https://shop.example:443/cb',
    'https://shop.example\\@evil.example/cb',
    'https://shop.example/c b',
    'https://shop.example/cb\r\nLocation: x',
    'https://shop.example/cb\u0000',
    'https://аpple.com/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'myapp:/callback',
    `https://shop.example/${'a'.repeat(2000)}`,
  ]) {
    assert.equal(redirect(uri).length, 1, JSON.stringify(uri))
  }
})

test('a secret is needed where it is used, long, and nowhere else', () => {
  const base = 'client_id: app\nredirect_uris: [https://a.example/cb]\n'
  assert.match(
    clientFaults(`${base}client_secret: short`).join(),
    /client_secret: has 5 characters/,
  )
  assert.ok(!clientFaults(`${base}client_secret: hunter2hunter2`).join().includes('hunter2'))
  assert.match(
    clientFaults(`${base}token_endpoint_auth_method: client_secret_post`).join(),
    /client_secret: is missing/,
  )
  assert.match(
    clientFaults(`${base}token_endpoint_auth_method: none\nclient_secret: ${secret}`).join(),
    /client_secret: is not used/,
  )
  assert.match(
    clientFaults(`${base}token_endpoint_auth_method: private_key_jwt`).join(),
    /jwks: is missing/,
  )
})

test('a public client keeps PKCE and gets no tokens of its own', () => {
  const base = 'client_id: app\nredirect_uris: [https://a.example/cb]\n'
  assert.match(clientFaults(`${base}require_pkce: false`).join(), /require_pkce: has to stay true/)
  assert.match(
    clientFaults(`${base}grant_types: [client_credentials]`).join(),
    /grant_types: may not/,
  )
})

test('a client that signs people in has to say where to', () => {
  assert.match(clientFaults('client_id: app').join(), /redirect_uris: is missing/)
  const machine = `client_id: job\ngrant_types: [client_credentials]\nclient_secret: ${secret}`
  assert.deepEqual(clientFaults(machine), [])
})

test('an address to be called at has to be one that this server may call', () => {
  const { fault } = outbound({ ports: [443], loopback: false })
  const faults = (uri: string) => {
    const text = `clients: [{ client_id: app, redirect_uris: [https://a.example/cb], backchannel_logout_uri: "${uri}" }]`
    try {
      parseConfigFile(text, { variables, validateConnector, production: true, callFault: fault })
    } catch (error) {
      return (error as ConfigurationError).faults.join()
    }
    return ''
  }
  assert.equal(faults('https://a.example/logout'), '')
  for (const uri of [
    'http://localhost:3000/logout',
    'https://10.1.2.3/',
    'https://a.example:81/',
  ]) {
    assert.match(faults(uri), /^clients\[0\]\.backchannel_logout_uri: /, uri)
  }
})

test('an app on a device is native without saying so', () => {
  const text = 'clients: [{ client_id: app, redirect_uris: ["com.example.app:/cb"] }]'
  assert.equal(parse(text).clients[0]?.application_type, 'native')
})

test('ids of this server itself, and ids that paths lose, are refused', () => {
  const base = (id: string) => `client_id: ${id}\nredirect_uris: [https://a.example/cb]`
  for (const id of ['avouch-console', 'management']) {
    assert.match(clientFaults(base(id)).join(), /client_id: is kept for a client of this server/)
  }
  assert.match(clientFaults(base('".."')).join(), /client_id: may not be a dot/)
  assert.deepEqual(clientFaults(base('management-2')), [])
})

test('a private key is refused where a public one belongs', () => {
  const key = '{ kty: EC, crv: P-256, x: a, y: b, d: secret }'
  const faults = clientFaults(
    `client_id: app\nredirect_uris: [https://a.example/cb]\njwks: { keys: [${key}] }`,
  )
  assert.match(faults.join(), /^clients\[0\]\.jwks\.keys\[0\]: holds a private key/)
})

test('a client may not be there twice, and links may not run scripts', () => {
  const client = 'client_id: app, redirect_uris: [https://a.example/cb]'
  assert.match(
    faultsOf(`clients: [{${client}}, {${client}}]`).join(),
    /\[1\]\.client_id: "app" is there twice/,
  )
  assert.match(
    clientFaults(
      'client_id: app\nredirect_uris: [https://a.example/cb]\nlogo_uri: "javascript:alert(1)"',
    ).join(),
    /logo_uri: has to be https/,
  )
  assert.match(
    clientFaults('client_id: 42\nredirect_uris: [https://a.example/cb]').join(),
    /client_id: has to be text; put it in quotes/,
  )
})

test('while evaluating, any secret will do', () => {
  const text = 'clients:\n  - client_id: app\n    redirect_uris: [https://a.example/cb]\n'
  const { clients } = parseConfigFile(`${text}    client_secret: short`, {
    variables,
    validateConnector,
    production: false,
  })
  assert.equal(clients[0]?.client_secret, 'short')
})
