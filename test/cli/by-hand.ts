/** A server that an admin has set up, and all that can be seen of it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { clientPatch, clientSchema } from '#config/client-schema.ts'
import { defaultSettings } from '#src/settings/index.ts'
import type { Api } from '../admin/api.ts'
import { requiredTemplates } from '../support/messages.ts'

export const token = 'a-twilio-token-that-nobody-may-see-4321'
export const password = 'a-mail-password-that-nobody-may-see-8765'

const done = async (answer: Promise<{ status: number; body: unknown }>): Promise<void> => {
  const { status, body } = await answer
  assert.ok(status < 300, JSON.stringify(body))
}

/** What an admin would click together: of everything that a file can say something else than the default. */
export const setUpByHand = async (api: Api): Promise<{ secret: string; webhookSecret: string }> => {
  const shop = await api.call('POST', '/clients', {
    client_id: 'shop',
    client_name: 'Shop & Söhne',
    redirect_uris: ['https://shop.example/callback', `https://shop.example/other?a=\${b}`],
    first_party: true,
    branding: { color: '#aa3300' },
    link_mode: 'same_browser',
  })
  assert.equal(shop.status, 201, JSON.stringify(shop.body))
  await done(
    api.call('POST', '/clients', {
      client_name: 'App',
      client_id: 'app',
      redirect_uris: ['com.example.app:/callback'],
      token_endpoint_auth_method: 'none',
    }),
  )
  await done(
    api.call('POST', '/clients', {
      client_id: 'signer',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://signer.example/jwks',
      api_scopes: ['users:read'],
    }),
  )
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await done(
    api.call('POST', '/clients', {
      client_id: 'whole',
      redirect_uris: ['https://whole.example/callback'],
      post_logout_redirect_uris: ['https://whole.example/'],
      application_type: 'native',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
      id_token_signed_response_alg: 'ES256',
      logo_uri: 'https://whole.example/logo.png',
      client_uri: 'https://whole.example/about',
      policy_uri: 'https://whole.example/privacy',
      tos_uri: 'https://whole.example/terms',
      initiate_login_uri: 'https://whole.example/sign-in',
      backchannel_logout_uri: 'https://whole.example/logout',
      backchannel_logout_session_required: true,
      second_factor: 'off',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      require_pkce: false,
      require_authenticator: true,
      branding: { logo_uri: 'https://whole.example/brand.png' },
    }),
  )
  await done(
    api.call('POST', '/connectors', {
      id: 'text',
      connector: 'twilio-sms',
      priority: 3,
      countries: ['CH', 'DE'],
      config: {
        accountSID: 'ACtest',
        authToken: token,
        fromMessagingServiceSID: 'MGtest',
        templates: requiredTemplates,
      },
    }),
  )
  await done(
    api.call('POST', '/connectors', {
      id: 'mail',
      connector: 'smtp-email',
      enabled: false,
      config: {
        host: 'smtp.example.com',
        port: 587,
        auth: { user: 'avouch', pass: password },
        fromEmail: 'Shop <login@shop.example>',
      },
    }),
  )
  const html = `<p>{{code}}</p>\n<p>\${not} $\${a} variable: "x" # no comment</p>\n`
  await done(
    api.call('PUT', '/connectors/mail/templates/SignIn?locale=de', {
      subject: 'Anmelden: {{code}}',
      content: html,
      contentType: 'text/html',
    }),
  )
  await done(api.call('PUT', '/connectors/mail/templates/Generic', { content: '{{link}}' }))
  await done(
    api.call('PATCH', '/settings', {
      signIn: {
        identifiers: ['username', 'email', 'phone'],
        methods: ['sms-code', 'email-link', 'password'],
        registration: 'domains',
        registrationDomains: ['shop.example'],
        profile: ['name', 'username'],
        mfa: { afterPassword: 'when_enrolled', afterPasswordless: 'required', roles: ['clerk'] },
        linkMode: 'same_browser',
        languages: { default: 'de', offered: ['de', 'en'] },
      },
      codes: {
        length: 8,
        smsTtlSeconds: 240,
        smsLinkTtlSeconds: 600,
        emailTtlSeconds: 500,
        tries: 4,
      },
      limits: {
        resendSeconds: [10, 20],
        sendsPerHour: 6,
        sendsPerDay: 20,
        sendsPerAddress: 50,
        addressWindowSeconds: 900,
        failures: 7,
        lockSeconds: 1200,
      },
      session: {
        idleSeconds: 86_400,
        absoluteSeconds: 864_000,
        aal2IdleSeconds: 1800,
        aal2AbsoluteSeconds: 43_200,
        trustedDeviceDays: 30,
      },
      password: { minLength: 20, minLengthWithSecondFactor: 10 },
      passkeys: { relatedOrigins: ['https://login.shop.example'] },
      recovery: { text: 'Ask at the counter.', reset: 'approval', waitHours: 48 },
      audit: { retentionDays: 90 },
      account: { deletion: 'off', graceDays: 7 },
      branding: {
        name: 'Shop',
        logoUri: 'https://shop.example/logo.png',
        color: '#123456',
        helpUri: 'https://shop.example/help',
        termsUri: 'https://shop.example/terms',
        privacyUri: 'https://shop.example/privacy',
      },
      words: { de: { 'identify.heading-sign-in': 'Grüezi' } },
      resources: [
        {
          indicator: 'https://api.shop.example',
          scopes: ['orders:read'],
          accessTokenTtlSeconds: 600,
        },
      ],
      testIdentifiers: [{ identifier: 'store@shop.example', code: '12345678' }],
    }),
  )
  const hook = await api.call('POST', '/webhooks', {
    id: 'orders',
    url: `https://hooks.shop.example/avouch?a=\${b}`,
    events: ['user.*', 'sign_in.completed'],
    description: 'Orders & Söhne',
    enabled: false,
  })
  assert.equal(hook.status, 201, JSON.stringify(hook.body))
  const another = { url: 'https://other.shop.example/', events: ['*'] }
  await done(api.call('POST', '/webhooks', another))
  return { secret: shop.body.client_secret, webhookSecret: hook.body.secret }
}

/** Everything that an admin can see of a configuration, without what is each server's own. */
export const seen = async (api: Api) => {
  const read = async (path: string) => (await api.call('GET', path)).body
  const clients = (await read('/clients')).data.filter(
    ({ client_id }: { client_id: string }) => !['demo', 'ops'].includes(client_id),
  )
  const withoutOwn = ({
    secrets: _,
    version: __,
    created_at: ___,
    updated_at: ____,
    ...rest
  }: Seen) => rest
  const connectors = (await read('/connectors')).data.map((each: Seen) => {
    const { createdAt: _, updatedAt: __, version: ___, health: ____, ...rest } = each
    return rest
  })
  const { version: _, ...grid } = await read('/connectors/mail/templates')
  const words = []
  for (const cell of grid.cells.filter(({ state }: { state: string }) => state === 'own')) {
    const locale = cell.locale ? `?locale=${cell.locale}` : ''
    words.push((await read(`/connectors/mail/templates/${cell.usageType}${locale}`)).words)
  }
  const { settings } = await read('/settings')
  const webhooks = (await read('/webhooks')).data.map((each: Seen) => {
    const { createdAt: _, updatedAt: __, version: ___, health: ____, ...rest } = each
    return rest
  })
  const byId = (a: Seen, b: Seen) => String(a.client_id).localeCompare(String(b.client_id))
  return {
    clients: clients.map(withoutOwn).sort(byId),
    connectors,
    grid,
    words,
    webhooks: webhooks.sort((a: Seen, b: Seen) => String(a.id).localeCompare(String(b.id))),
    settings,
  }
}
type Seen = Record<string, unknown>

const isSection = (value: unknown): value is Seen =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const leavesOf = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
  isSection(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...path, key]))
    : [path]

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inside, key) => (inside as Seen)[key], value)

/** So that nothing which is new one day is left out of the comparison. */
export const assertNothingIsDefault = ({ clients, settings }: Awaited<ReturnType<typeof seen>>) => {
  for (const path of leavesOf(defaultSettings)) {
    assert.notDeepEqual(at(settings, path), at(defaultSettings, path), path.join('.'))
  }
  const bare: Seen = clientSchema.parse({
    client_id: 'bare',
    redirect_uris: ['https://a.example/'],
  })
  for (const name of Object.keys(clientPatch.shape)) {
    const values = clients.map((client: Seen) => client[name] ?? null)
    const others = values.filter(
      (value: unknown) => JSON.stringify(value) !== JSON.stringify(bare[name] ?? null),
    )
    assert.notEqual(others.length, 0, name)
  }
}
