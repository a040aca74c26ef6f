import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigurationError } from '#config/configuration-error.ts'
import { parseConfigFile, readConfigFile, type ValidateConnector } from '#config/file.ts'

const secret = 'b7f3c1d9e5a2486b8d0f6c4e2a1b3d5f'
const variables = {
  SHOP_SECRET: secret,
  TWILIO_TOKEN: 'to#ken: "{x}',
  SMTP_PORT: '2525',
  EMPTY: '',
}

const smtp = z.strictObject({ host: z.string(), port: z.number(), password: z.string().optional() })
const validateConnector: ValidateConnector = ({ connector, config = {} }) => {
  if (connector === 'twilio-sms') return []
  if (connector !== 'smtp-email') return [{ path: 'connector', message: 'There is no such one.' }]
  const issues = smtp.safeParse(config).error?.issues ?? []
  return issues.map(({ path, message }) => ({ path: ['config', ...path].join('.'), message }))
}

const parse = (text: string) => parseConfigFile(text, { variables, validateConnector })
const faultsOf = (text: string): readonly string[] => {
  try {
    parse(text)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.faults
  }
  return []
}

const wholeFile = `
clients:
  - client_id: shop
    client_secret: \${SHOP_SECRET}
    client_name: Shop
    redirect_uris: [https://shop.example/callback]
    post_logout_redirect_uris: [https://shop.example/]
    first_party: true
connectors:
  - id: sms-main
    connector: twilio-sms
    priority: 1
    countries: [CH, DE]
    config: { accountSID: AC1, authToken: \${TWILIO_TOKEN}, templates: [] }
resources:
  - { indicator: https://api.shop.example, scopes: [orders:read], access_token_ttl: 900 }
sign_in_experience:
  identifiers: [email, phone]
  methods: [email-link, email-code, sms-code, password]
  registration: open
  profile: [name]
  mfa: { after_password: required, after_passwordless: when_enrolled }
  languages: { default: en }
codes: { length: 6, sms_ttl: 300, email_ttl: 600, tries: 5 }
limits: { resend: [30, 60], address_window: 600 }
session: { idle: 3600, aal2_idle: 600 }
password: { min_length_with_second_factor: 10 }
branding: { name: ACME, color: '#0A5FFF', logo_uri: https://acme.example/logo.svg }
`

test('a whole deployment can be described in one file', () => {
  const { clients, connectors, settings } = parse(wholeFile)
  assert.equal(clients.length, 1)
  assert.equal(clients[0]?.client_secret, secret)
  assert.equal(clients[0]?.token_endpoint_auth_method, 'client_secret_basic')
  assert.equal(clients[0]?.first_party, true)
  assert.equal(clients[0]?.require_pkce, true)
  assert.deepEqual(connectors, [
    {
      id: 'sms-main',
      connector: 'twilio-sms',
      priority: 1,
      countries: ['CH', 'DE'],
      config: { accountSID: 'AC1', authToken: 'to#ken: "{x}', templates: [] },
    },
  ])
  assert.deepEqual(settings, {
    resources: [
      {
        indicator: 'https://api.shop.example',
        scopes: ['orders:read'],
        accessTokenTtlSeconds: 900,
      },
    ],
    signIn: {
      identifiers: ['email', 'phone'],
      methods: ['email-link', 'email-code', 'sms-code', 'password'],
      registration: 'open',
      profile: ['name'],
      mfa: { afterPassword: 'required', afterPasswordless: 'when_enrolled' },
      languages: { default: 'en' },
    },
    codes: { length: 6, smsTtlSeconds: 300, emailTtlSeconds: 600, tries: 5 },
    limits: { resendSeconds: [30, 60], addressWindowSeconds: 600 },
    session: { idleSeconds: 3600, aal2IdleSeconds: 600 },
    password: { minLengthWithSecondFactor: 10 },
    branding: { name: 'ACME', color: '#0a5fff', logoUri: 'https://acme.example/logo.svg' },
  })
})

test('a file with three faults prints three lines with path and line', () => {
  const faults = faultsOf(`
clients:
  - client_id: shop
    redirect_uri: https://shop.example/callback
    redirect_uris: ['http://shop.example/callback']
codes:
  tries: many
`)
  assert.equal(faults.length, 3)
  assert.match(
    faults[0]!,
    /^clients\[0\]\.redirect_uri: is not known here; is it redirect_uris\? \(line 4\)$/,
  )
  assert.match(faults[1]!, /^clients\[0\]\.redirect_uris\[0\]: has to be https.* \(line 5\)$/)
  assert.equal(faults[2], 'codes.tries: has to be a number (line 7)')
})

test('names of sections and settings that do not exist are refused where they stand', () => {
  assert.match(
    faultsOf('clients: []\nclient: []').join(),
    /^client: is not known here.*\(line 2\)$/,
  )
  assert.match(
    faultsOf('codes:\n  smsTtlSeconds: 60').join(),
    /^codes\.smsTtlSeconds: is not known/,
  )
  assert.match(
    faultsOf('sign_in_experience:\n  mfa: { after_pasword: off }').join(),
    /^sign_in_experience\.mfa\.after_pasword: is not known here; is it after_password\? \(line 2\)$/,
  )
  assert.match(faultsOf('__proto__: { admin: true }').join(), /^__proto__: is not known here/)
})

test('the same can be written as JSON', () => {
  const text = JSON.stringify({ codes: { sms_ttl: 120 }, clients: [] }, null, '\t')
  assert.deepEqual(parse(text).settings, { codes: { smsTtlSeconds: 120 } })
  assert.match(faultsOf('{\n  "codes": { "sms_ttl": 1 }\n}').join(), /at least 60 \(line 2\)$/)
})

test('a file may be empty, and a section may have all its lines commented out', () => {
  const nothing = { clients: [], connectors: [], settings: {} }
  assert.deepEqual(parse(''), nothing)
  assert.deepEqual(parse('codes:\n  # tries: 3\n'), nothing)
  assert.deepEqual(readConfigFile(undefined, { variables, validateConnector }), nothing)
})

test('a file that is no YAML says in which line', () => {
  assert.match(faultsOf('codes: {\nlimits: [').join(), /^file: .*\(line \d\)$/)
  assert.match(faultsOf('codes: {}\ncodes: {}').join(), /^file: .*unique.*\(line 2\)$/)
  assert.match(faultsOf('codes: *nowhere').join(), /^file: /)
})

test('a file that is not there is named', () => {
  assert.throws(
    () => readConfigFile('/nowhere/avouch.yaml', { variables, validateConnector }),
    /CONFIG_FILE: .*nowhere\/avouch\.yaml/,
  )
})

test('a variable that is missing or empty is named with its place', () => {
  const faults = faultsOf(`branding:\n  name: \${NAME_OF_SHOP}\n  help_uri: https://\${EMPTY}\n`)
  assert.match(
    faults[0]!,
    /^branding\.name: needs the variable NAME_OF_SHOP, which is not set \(line 2\)$/,
  )
  assert.match(faults.join(), /branding\.help_uri: needs the variable EMPTY.*\(line 3\)/)
})

test('the value of a variable is never read as YAML, nor as a variable', () => {
  const text = `branding: { name: "\${A}" }`
  const { settings } = parseConfigFile(text, { variables: { A: `x: \${B}` }, validateConnector })
  assert.equal(settings.branding?.name, `x: \${B}`)
})

test('a doubled dollar sign is a plain one', () => {
  assert.equal(
    parse(`branding: { name: $\${SHOP_SECRET} }`).settings.branding?.name,
    `\${SHOP_SECRET}`,
  )
  assert.equal(parse("branding: { name: 'costs $5' }").settings.branding?.name, 'costs $5')
  assert.equal(parse(`branding: { name: '$\${a b}' }`).settings.branding?.name, `\${a b}`)
})

test('a broken variable is refused', () => {
  assert.match(
    faultsOf(`branding:\n  name: \${1 NAME}\n`).join(),
    /branding\.name: .*no variable.*line 2/,
  )
  assert.match(faultsOf(`codes:\n  \${SMTP_PORT}: 3\n`).join(), /may hold no variable/)
})

test('a variable can hold a number where a number is needed, and stays text elsewhere', () => {
  const [connector] = parse(`
connectors:
  - id: mail
    connector: smtp-email
    config: { host: mail.example, port: \${SMTP_PORT}, password: \${SMTP_PORT} }
`).connectors
  assert.deepEqual(connector?.config, { host: 'mail.example', port: 2525, password: '2525' })
})

test('what a connector does not accept is reported with its place in the file', () => {
  const faults = faultsOf(`
connectors:
  - id: mail
    connector: smtp-email
    config:
      host: mail.example
      port: often
      fromAddress: a@example.com
  - id: mail
    connector: carrier-pigeon
    countries: CH
    enabld: false
`).join('\n')
  assert.equal(faults.split('\n').length, 6)
  assert.match(faults, /connectors\[0\]\.config: .*fromAddress.*\(line 5\)/)
  assert.match(faults, /connectors\[0\]\.config\.port: .*\(line 7\)/)
  assert.match(faults, /connectors\[1\]\.id: "mail" is there twice \(line 9\)/)
  assert.match(faults, /connectors\[1\]\.connector: There is no such one\. \(line 10\)/)
  assert.match(faults, /connectors\[1\]\.countries: has to be a list \(line 11\)/)
  assert.match(faults, /connectors\[1\]\.enabld: is not known here.*\(line 12\)/)
})

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

test('an app on a device is native without saying so', () => {
  const text = 'clients: [{ client_id: app, redirect_uris: ["com.example.app:/cb"] }]'
  assert.equal(parse(text).clients[0]?.application_type, 'native')
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

test('settings that would lock everybody out are refused', () => {
  const text = 'sign_in_experience: { identifiers: [phone], methods: [email-code] }'
  assert.match(faultsOf(text).join(), /^sign_in_experience\.methods: has nothing for .* phone/)
  assert.match(faultsOf('session: { idle: 7200, absolute: 3600 }').join(), /^session\.idle: .*3600/)
  assert.match(faultsOf('codes: { length: 4 }').join(), /^codes\.length: has to be at least 6/)
})
