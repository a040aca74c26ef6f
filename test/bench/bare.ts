/**
 * The measure of things: `oidc-provider` by itself, as little around it as possible. Everything is
 * kept in memory, and whoever comes is signed in at once as somebody new.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider'
import { app, resourceScope, service, shop } from './setting.ts'

/** Of each kind, or a long run would measure the garbage collector. */
const remembered = 50_000

const minute = 60
const day = 1440 * minute

const memory = (): Adapter => {
  const rows = new Map<string, AdapterPayload>()
  const byUid = new Map<string, string>()
  return {
    async upsert(id, payload) {
      rows.set(id, payload)
      if (payload.kind === 'Session') byUid.set(payload.uid!, id)
      if (rows.size > remembered) rows.delete(rows.keys().next().value!)
    },
    find: async (id) => rows.get(id),
    findByUid: async (uid) => rows.get(byUid.get(uid) ?? ''),
    findByUserCode: async () => undefined,
    async consume(id) {
      rows.get(id)!.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      rows.delete(id)
    },
    async revokeByGrantId(grantId) {
      for (const [id, row] of rows) if (row.grantId === grantId) rows.delete(id)
    },
  }
}

const key = async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'es256' }
}

const createBare = async (issuer: string): Promise<Provider> =>
  new Provider(issuer, {
    adapter: memory,
    jwks: { keys: [await key()] },
    clients: [{ ...service, response_types: [] }, shop, app],
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'profile', 'phone'],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['name', 'updated_at'],
      phone: ['phone_number', 'phone_number_verified'],
    },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['a-cookie-key-for-a-benchmark'] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        name: 'Ada Lovelace',
        updated_at: 1_700_000_000,
        phone_number: '+41791000000',
        phone_number_verified: true,
      }),
    }),
    async loadExistingGrant({ oidc }) {
      const known = oidc.session!.grantIdFor(oidc.client!.clientId)
      if (known) return oidc.provider.Grant.find(known)
      const accountId = oidc.account!.accountId
      const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client!.clientId })
      grant.addOIDCScope('openid profile phone offline_access')
      await grant.save()
      return grant
    },
    // Without `prompt=consent` the library drops `offline_access`, so it is not asked for here.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: 15 * minute,
      AuthorizationCode: minute,
      ClientCredentials: 15 * minute,
      Grant: day,
      IdToken: 15 * minute,
      Interaction: 30 * minute,
      RefreshToken: day,
      Session: day,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator) => ({
          scope: resourceScope,
          audience: indicator,
          accessTokenTTL: 900,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })

const server = createServer().listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = await createBare(origin)
  const answer = provider.callback()
  server.on('request', (req, res) => {
    if (!req.url!.startsWith('/interaction/')) return answer(req, res)
    provider
      .interactionFinished(req, res, { login: { accountId: randomUUID() } })
      .catch((error: Error) => res.writeHead(500).end(error.message))
  })
  process.send!({ origin })
})

process.on('disconnect', () => process.exit(0))
