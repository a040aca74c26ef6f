/** What applications, or those who pretend to be one, present as proof or exchange for tokens. */
import { long } from './contract.ts'
import { claims, jwt } from './jwt.ts'

const grants = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]

/** Bodies of token requests; the client authenticates unless the request does so itself. */
export const tokenRequests: readonly { number: number; fields: Record<string, string> }[] = [
  ...[
    '',
    'password',
    'implicit',
    '__proto__',
    'AUTHORIZATION_CODE',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    '\0',
    long('a', 5000),
    'authorization_code\0',
  ].map((grant_type) => ({ number: 31, fields: { grant_type } })),
  ...[
    '',
    'a',
    '\0',
    'a\0b',
    '\ud800',
    long('a', 42),
    long('a', 44),
    long('a', 8000),
    "' or 1=1--",
    '__proto__',
    '😀',
    '../..',
  ].flatMap((secret) => [
    {
      number: 36,
      fields: {
        grant_type: grants[0]!,
        code: secret,
        redirect_uri: 'x',
        code_verifier: long('v', 43),
      },
    },
    { number: 36, fields: { grant_type: grants[1]!, refresh_token: secret } },
    { number: 36, fields: { grant_type: grants[3]!, device_code: secret } },
  ]),
  ...[
    '',
    long('v', 42),
    long('v', 129),
    `${long('v', 42)}é`,
    `${long('v', 42)}\0`,
    '\ud800',
    long('v', 8000),
    '__proto__',
    ' ',
    '=',
  ].map((code_verifier) => ({
    number: 32,
    fields: { grant_type: grants[0]!, code: long('c', 43), redirect_uri: 'x', code_verifier },
  })),
  ...[
    '',
    'openid',
    'admin',
    '\0',
    long('a ', 5000),
    '__proto__',
    '"',
    'a\tb',
    '<b>',
    'offline_access',
  ].map((scope) => ({
    number: 30,
    fields: { grant_type: grants[2]!, scope },
  })),
  ...[
    '',
    'a',
    'a.b.c',
    jwt({ alg: 'none' }, claims, ''),
    jwt({ alg: 'HS256' }, claims),
    jwt({ alg: 'RS256' }, { ...claims, aud: 'other' }),
    jwt({ alg: 'RS256' }, { ...claims, exp: 1 }),
    jwt({ alg: 'RS256' }, 'null'),
    jwt({ alg: 'ES256', kid: '../a' }, claims),
    long('a.', 8000),
  ].flatMap((client_assertion) => [
    {
      number: 37,
      fields: {
        grant_type: grants[2]!,
        client_assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    },
    {
      number: 37,
      fields: { grant_type: grants[2]!, client_assertion, client_assertion_type: 'nothing' },
    },
  ]),
]

/** Values of the Authorization header. */
export const authorizations: readonly string[] = [
  'Basic',
  'Basic ',
  'Basic !!!',
  'Basic YQ==',
  `Basic ${Buffer.from('shop').toString('base64')}`,
  `Basic ${Buffer.from('shop:').toString('base64')}`,
  `Basic ${Buffer.from(':').toString('base64')}`,
  `Basic ${Buffer.from('shop:a:b:c').toString('base64')}`,
  `Basic ${Buffer.from('shop:%').toString('base64')}`,
  `Basic ${Buffer.from('%00:%ff').toString('base64')}`,
  `Basic ${Buffer.from('\0:\0').toString('base64')}`,
  `Basic ${Buffer.from('shöp:sécret').toString('base64')}`,
  `Basic ${Buffer.from(`shop:${long('a', 5000)}`).toString('base64')}`,
  `Basic ${Buffer.from('__proto__:a').toString('base64')}`,
  'Bearer',
  'Bearer ',
  'Bearer a b',
  `Bearer ${long('a', 8000)}`,
  'Bearer __proto__',
  "Bearer ' or 1=1--",
  `Bearer ${jwt({ alg: 'none', typ: 'at+jwt' }, claims, '')}`,
  `Bearer ${jwt({ alg: 'ES256', typ: 'at+jwt' }, claims)}`,
  'DPoP a',
  'Digest username="shop"',
  'Negotiate YQ==',
  'shop',
]

/** Values of the DPoP header. */
export const proofs: readonly string[] = [
  'a',
  'a.b.c',
  '..',
  jwt({ alg: 'none', typ: 'dpop+jwt' }, {}, ''),
  jwt({ alg: 'ES256', typ: 'dpop+jwt' }, {}),
  jwt({ alg: 'ES256', typ: 'jwt', jwk: {} }, {}),
  jwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: {} }, {}),
  jwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: null }, {}),
  jwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty: 'oct', k: 'AA' } }, {}),
  jwt({ alg: 'HS256', typ: 'dpop+jwt', jwk: { kty: 'oct', k: 'AA' } }, {}),
  jwt(
    { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' } },
    {},
  ),
  jwt({ alg: 'RS256', typ: 'dpop+jwt', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }, {}),
  jwt('null', 'null'),
  `${jwt({ alg: 'ES256', typ: 'dpop+jwt' }, {})}, a`,
  long('a', 8000),
]

/** Tokens that introspection, revocation and sign-out are asked about. */
export const strangers: readonly string[] = [
  '',
  'a',
  '\0',
  '\ud800',
  '__proto__',
  "' or 1=1--",
  long('a', 43),
  long('a', 8000),
  jwt({ alg: 'none' }, claims, ''),
  jwt({ alg: 'ES256', typ: 'at+jwt' }, claims),
  jwt({ alg: 'ES256' }, 'null'),
  '😀',
  '<script>alert(1)</script>',
]
