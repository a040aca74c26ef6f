/**
 * What may be said of a relying party, under the names of OpenID Connect Dynamic Client
 * Registration 1.0. Faults are found here rather than at somebody's first sign-in.
 */
import { z } from 'zod'
import { brandColor } from './color-schema.ts'
import { secondFactor } from './second-factor-schema.ts'
import { secretFault } from './secret.ts'
import { shortName, webUri } from './settings-schema.ts'
import { linkMode } from './sign-in-schema.ts'
import { isHttpsLoopback, isPrivateUseUri, redirectUriFault } from './uris.ts'

const redirectUri = z.string().superRefine((text, ctx) => {
  const message = redirectUriFault(text)
  if (message) ctx.addIssue({ code: 'custom', message, input: text })
})

const clientSecret = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x21-\x7e]*$/, 'may hold neither spaces nor characters outside ASCII')

/** One that somebody brings along; it has to be as good as one of ours. */
export const ownSecret = clientSecret.superRefine((secret, ctx) => {
  const message = secretFault(secret)
  if (message) ctx.addIssue({ code: 'custom', message, input: secret })
})

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const secretMethods = ['client_secret_basic', 'client_secret_post'] as const

/** Private or symmetric parameters of a JSON Web Key (RFC 7518, section 6). */
const privateParameters = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

const publicKey = z
  .looseObject({ kty: z.string() })
  .refine((key) => !privateParameters.some((parameter) => parameter in key), {
    error: 'holds a private key; give the public one, and replace this one',
  })
  .refine((key) => /^[\x20-\x5b\x5d-\x7e]*$/.test(JSON.stringify(key)), {
    error: 'holds characters that no key has',
  })

/** The client by which the console signs admins in. */
export const consoleClientId = 'avouch-console'
/** The client by which people sign in to the pages of their own account. */
export const accountClientId = 'avouch-account'
/** The client that `MANAGEMENT_CLIENT_SECRET` declares. */
export const managementClientId = 'management'
/** The client by which commands call a server that evaluates. */
export const commandLineId = 'avouch-cli'

/** Nobody has registered these, so that they are in no list. */
const unlistedIds: readonly string[] = [consoleClientId, accountClientId, commandLineId]
const ownIds: readonly string[] = [...unlistedIds, managementClientId]

/** With it begin the ids of the copies by which admins try clients out. */
export const trialPrefix = 'avouch-try-'

export const isTrialId = (clientId: string): boolean => clientId.startsWith(trialPrefix)

/** Whether a client is one of this server itself: no application to people, and without a page. */
export const isOwnClient = (clientId: string): boolean =>
  unlistedIds.includes(clientId) || isTrialId(clientId)

/** Why nobody else's client may have this id, or null. */
export const clientIdFault = (clientId: string): string | null =>
  ownIds.includes(clientId) || isTrialId(clientId)
    ? 'is kept for a client of this server itself; choose another'
    : null

const fields = z.strictObject({
  client_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'has to be 1 to 255 visible ASCII characters')
    .refine((id) => id !== '.' && id !== '..', 'may not be a dot or two, which paths lose'),
  client_secret: clientSecret.optional(),
  client_name: shortName.optional(),
  redirect_uris: z.array(redirectUri).max(100).default([]),
  post_logout_redirect_uris: z.array(redirectUri).max(100).default([]),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', deviceGrant]))
    .min(1)
    .default(['authorization_code', 'refresh_token']),
  token_endpoint_auth_method: z.enum([...secretMethods, 'private_key_jwt', 'none']).optional(),
  application_type: z.enum(['web', 'native']).optional(),
  id_token_signed_response_alg: z.enum(['RS256', 'ES256']).default('RS256'),
  jwks: z.strictObject({ keys: z.array(publicKey).min(1).max(20) }).optional(),
  jwks_uri: webUri.optional(),
  logo_uri: webUri.optional(),
  client_uri: webUri.optional(),
  policy_uri: webUri.optional(),
  tos_uri: webUri.optional(),
  initiate_login_uri: webUri.optional(),
  backchannel_logout_uri: webUri.optional(),
  backchannel_logout_session_required: z.boolean().default(false),
  require_pushed_authorization_requests: z.boolean().default(false),
  dpop_bound_access_tokens: z.boolean().default(false),
  first_party: z.boolean().default(false),
  require_pkce: z.boolean().default(true),
  require_authenticator: z.boolean().default(false),
  second_factor: secondFactor.optional(),
  link_mode: linkMode.nullable().default(null),
  api_scopes: z
    .array(
      z
        .string()
        .max(128)
        .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope: no spaces, quotes or backslashes'),
    )
    .max(200)
    .default([]),
  branding: z.strictObject({ color: brandColor.nullish(), logo_uri: webUri.nullish() }).optional(),
})

type Fields = z.output<typeof fields>

const authMethod = (client: Fields) =>
  client.token_endpoint_auth_method ??
  (client.client_secret
    ? 'client_secret_basic'
    : client.jwks || client.jwks_uri
      ? 'private_key_jwt'
      : 'none')

const applicationType = ({ application_type, redirect_uris }: Fields) =>
  application_type ?? (redirect_uris.some(isPrivateUseUri) ? 'native' : 'web')

/** Whether a client without proof of who it is may have this, and with which words not. */
const publicFaults = (client: Fields): [keyof Fields, string][] => {
  if (authMethod(client) !== 'none') return []
  const faults: [keyof Fields, string][] = []
  if (client.client_secret) {
    faults.push(['client_secret', 'is not used where token_endpoint_auth_method is none'])
  }
  if (client.grant_types.includes('client_credentials')) {
    faults.push(['grant_types', 'may not hold client_credentials without a client_secret or keys'])
  }
  if (!client.require_pkce) {
    faults.push(['require_pkce', 'has to stay true for a client without a secret or keys'])
  }
  return faults
}

const credentialFaults = (client: Fields): [keyof Fields, string][] => {
  const method = authMethod(client)
  const faults: [keyof Fields, string][] = []
  if (secretMethods.some((one) => one === method) && !client.client_secret) {
    faults.push(['client_secret', `is missing; ${method} needs one`])
  }
  if (method === 'private_key_jwt') {
    if (client.client_secret) faults.push(['client_secret', 'is not used with private_key_jwt'])
    if (!client.jwks && !client.jwks_uri) faults.push(['jwks', 'is missing, and jwks_uri as well'])
  }
  if (client.jwks && client.jwks_uri) faults.push(['jwks_uri', 'is one too many beside jwks'])
  return faults
}

const redirectFaults = (client: Fields): [keyof Fields, string][] => {
  const all = [...client.redirect_uris, ...client.post_logout_redirect_uris]
  const faults: [keyof Fields, string][] = []
  if (client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0) {
    faults.push(['redirect_uris', 'is missing; people are sent back to one of them'])
  }
  if (applicationType(client) === 'web' && all.some(isPrivateUseUri)) {
    faults.push(['application_type', 'has to be native for a redirect to a private-use scheme'])
  }
  if (applicationType(client) === 'native' && all.some(isHttpsLoopback)) {
    faults.push(['application_type', 'may not be native with https on localhost'])
  }
  return faults
}

const linkFaults = (client: Fields): [keyof Fields, string][] =>
  client.link_mode === 'sign_in_here' && !client.initiate_login_uri
    ? [['initiate_login_uri', 'is missing; link_mode sign_in_here sends people there']]
    : []

/** One client as an operator describes it; everything that was left out is filled in. */
export const clientSchema = fields
  .superRefine((client, ctx) => {
    const faults = [
      ...publicFaults(client),
      ...credentialFaults(client),
      ...redirectFaults(client),
      ...linkFaults(client),
    ]
    for (const [field, message] of faults) {
      ctx.addIssue({ code: 'custom', path: [field], message, input: client[field] })
    }
  })
  .transform((client) => ({
    ...client,
    client_name: client.client_name ?? client.client_id,
    token_endpoint_auth_method: authMethod(client),
    application_type: applicationType(client),
  }))

type Bare<T> = T extends z.ZodDefault<infer Inner> | z.ZodOptional<infer Inner> ? Inner : T
type Nullish<Shape extends Record<string, z.ZodType>> = {
  [Key in keyof Shape]: Bare<Shape[Key]> extends infer Each extends z.ZodType
    ? z.ZodOptional<z.ZodNullable<Each>>
    : never
}

/** Everything may be left out, and nothing is filled in. */
const nullish = <Shape extends Record<string, z.ZodType>>(shape: Shape): Nullish<Shape> =>
  Object.fromEntries(
    Object.entries(shape).map(([key, each]) => {
      const wrapped = each instanceof z.ZodDefault || each instanceof z.ZodOptional
      return [key, (wrapped ? (each.unwrap() as z.ZodType) : each).nullish()]
    }),
  ) as Nullish<Shape>

const { client_id, client_secret: _, ...metadata } = fields.shape

/**
 * Some of what may be said of a client: what is left out stays as it is, null takes it back to the
 * default, and lists are replaced as a whole. What goes together is for {@link clientSchema} to say.
 */
export const clientPatch = z.strictObject(nullish(metadata))

/** The same of a new client; without an id it is given one. */
export const newClientSchema = clientPatch.extend({
  client_id: client_id.optional(),
  client_secret: ownSecret.optional().describe('One that it has already; a random one without.'),
})

export type ClientPatch = z.output<typeof clientPatch>
export type ClientInput = z.input<typeof clientSchema>
export type DeclaredClient = z.output<typeof clientSchema>
