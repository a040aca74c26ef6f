import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfigFile, readConfigFile } from '#config/file.ts'
import { faultsOf, parse, secret, validateConnector, variables } from './read.ts'

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

test('webhooks have all that they need, and are there once', () => {
  const signs = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const hook = (more: string) => `  - { id: a, url: 'https://a.example/', ${more} }\n`
  const good = `events: [user.*], secret: ${signs}`
  assert.deepEqual(parse(`webhooks:\n${hook(good)}`).webhooks, [
    {
      id: 'a',
      url: 'https://a.example/',
      events: ['user.*'],
      description: null,
      enabled: true,
      secret: signs,
    },
  ])
  const cases: [string, RegExp][] = [
    [hook('events: [user.*]'), /^webhooks\[0\]\.secret: is missing.*\(line 2\)$/],
    [hook(`events: [a*b], secret: ${signs}`), /events\[0\]: has to be like user\.created/],
    [hook('events: ["*"], secret: whsec_c2hvcnQ='), /secret: has to be of 24 to 64 bytes/],
    [hook('events: ["*"], secret: mine'), /secret: has to be whsec_ and base64/],
    [hook(good) + hook(good), /webhooks\[1\]\.id: "a" is there twice \(line 3\)/],
    [hook(`${good}, description: "a\\0b"`), /description: has characters that are none/],
    [hook(`${good}, enable: false`), /enable: is not known here; is it enabled\?/],
  ]
  for (const [text, words] of cases) assert.match(faultsOf(`webhooks:\n${text}`).join(), words)
  const inside = { variables, validateConnector, callFault: () => 'is inside', production: true }
  assert.throws(
    () => parseConfigFile(`webhooks:\n${hook(good)}`, inside),
    ({ faults }) => /^webhooks\[0\]\.url: is inside \(line 2\)$/.test(faults.join()),
  )
})

test('the same can be written as JSON', () => {
  const text = JSON.stringify({ codes: { sms_ttl: 120 }, clients: [] }, null, '\t')
  assert.deepEqual(parse(text).settings, { codes: { smsTtlSeconds: 120 } })
  assert.match(faultsOf('{\n  "codes": { "sms_ttl": 1 }\n}').join(), /at least 60 \(line 2\)$/)
})

test('a file may be empty, and a section may have all its lines commented out', () => {
  const nothing = { clients: [], connectors: [], webhooks: [], settings: {} }
  assert.deepEqual(parse(''), nothing)
  assert.deepEqual(parse('codes:\n  # tries: 3\n'), nothing)
  assert.deepEqual(
    readConfigFile(undefined, { variables, validateConnector, production: true }),
    nothing,
  )
})

test('a file that is no YAML says in which line', () => {
  assert.match(faultsOf('codes: {\nlimits: [').join(), /^file: .*\(line \d\)$/)
  assert.match(faultsOf('codes: {}\ncodes: {}').join(), /^file: .*unique.*\(line 2\)$/)
  assert.match(faultsOf('codes: *nowhere').join(), /^file: /)
})

test('a file that is not there is named', () => {
  assert.throws(
    () =>
      readConfigFile('/nowhere/avouch.yaml', { variables, validateConnector, production: true }),
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
  const { settings } = parseConfigFile(text, {
    variables: { A: `x: \${B}` },
    validateConnector,
    production: true,
  })
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

test('settings that would lock everybody out are refused', () => {
  const text = 'sign_in_experience: { identifiers: [phone], methods: [email-code] }'
  assert.match(faultsOf(text).join(), /^sign_in_experience\.methods: has nothing for .* phone/)
  assert.match(faultsOf('session: { idle: 7200, absolute: 3600 }').join(), /^session\.idle: .*3600/)
  assert.match(faultsOf('codes: { length: 4 }').join(), /^codes\.length: has to be at least 6/)
})

test('templates of a connector keep the names that connectors use, and may hold variables', () => {
  const { connectors } = parse(
    'connectors:\n- id: a\n  connector: twilio-sms\n  templates: [{ usageType: SignIn, content: "{{code}} $${x}" }]\n',
  )
  assert.deepEqual(connectors[0]?.templates, [{ usageType: 'SignIn', content: `{{code}} \${x}` }])
})
