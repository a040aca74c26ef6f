/** With what applications are made, and what each needs. The code is in `quick-starts/<id>.txt`. */
export interface Framework {
  id: string
  name: string
  /** What its code uses. */
  library: string
  method: 'client_secret_basic' | 'client_secret_post' | 'none'
  /** As its code, started as shown, expects it. */
  redirectUri: string
  /** Its library answers at this path and no other. */
  fixedPath?: boolean
}

const basic = 'client_secret_basic'

export const frameworks: readonly Framework[] = [
  {
    id: 'nextjs',
    name: 'Next.js',
    library: 'NextAuth.js',
    method: basic,
    redirectUri: 'http://localhost:4000/api/auth/callback/avouch',
    fixedPath: true,
  },
  {
    id: 'react',
    name: 'React',
    library: 'react-oidc-context',
    method: 'none',
    redirectUri: 'http://localhost:4000/callback',
  },
  {
    id: 'express',
    name: 'Express',
    library: 'openid-client',
    method: basic,
    redirectUri: 'http://localhost:4000/callback',
  },
  {
    id: 'go',
    name: 'Go',
    library: 'coreos/go-oidc, golang.org/x/oauth2',
    method: basic,
    redirectUri: 'http://localhost:4000/callback',
  },
  {
    id: 'python',
    name: 'Python',
    library: 'Authlib, Flask',
    method: basic,
    redirectUri: 'http://localhost:4000/callback',
  },
  {
    id: 'spring',
    name: 'Spring',
    library: 'Spring Security',
    method: basic,
    redirectUri: 'http://localhost:4000/login/oauth2/code/avouch',
    fixedPath: true,
  },
  {
    id: 'dotnet',
    name: '.NET',
    library: 'Microsoft.AspNetCore.Authentication.OpenIdConnect',
    // Its handler knows no other way.
    method: 'client_secret_post',
    redirectUri: 'https://localhost:4001/signin-oidc',
  },
  {
    id: 'laravel',
    name: 'Laravel',
    library: 'jumbojett/openid-connect-php',
    method: basic,
    redirectUri: 'http://localhost:4000/callback',
  },
  {
    id: 'rails',
    name: 'Rails',
    library: 'omniauth_openid_connect',
    method: basic,
    redirectUri: 'http://localhost:4000/auth/avouch/callback',
  },
  {
    id: 'flutter',
    name: 'Flutter',
    library: 'flutter_appauth',
    method: 'none',
    redirectUri: 'com.example.app:/callback',
  },
  {
    id: 'curl',
    name: 'curl',
    library: 'curl, OpenSSL',
    method: basic,
    redirectUri: 'http://localhost:4000/callback',
  },
]

export const findFramework = (id: unknown): Framework | null =>
  frameworks.find((each) => each.id === id) ?? null

/** Those whose code suits a client that proves itself in this way; curl suits any. */
export const frameworksFor = (method: string): Framework[] => {
  const isPublic = method === 'none'
  return frameworks.filter(
    (each) =>
      each.id === 'curl' || (method !== 'private_key_jwt' && (each.method === 'none') === isPublic),
  )
}
