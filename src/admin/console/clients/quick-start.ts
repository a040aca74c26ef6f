import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Framework, frameworks } from './frameworks.ts'
import type { ClientView, Snippet } from './pages.ts'

const folder = join(import.meta.dirname, 'quick-starts')
const templates = new Map(
  frameworks.map(({ id }) => [id, readFileSync(join(folder, `${id}.txt`), 'utf8')]),
)

/** Stands where the secret belongs: it was shown once, and is not known here. */
export const secretToPaste = 'paste-the-secret-here'

export interface QuickStartOptions {
  /** Public origin of this server. */
  baseUrl: string
  /** Where it was just made. */
  secret?: string | null
}

/** The redirect URI of a client that suits a framework best. */
export const redirectUriFor = ({ redirectUri }: Framework, client: ClientView): string => {
  const { pathname } = new URL(redirectUri)
  const uris = client.redirect_uris
  return uris.find((uri) => new URL(uri).pathname === pathname) ?? uris[0] ?? redirectUri
}

/** The redirect URI that a framework's code can not do without, where the client lacks it. */
export const missingUri = (framework: Framework, client: ClientView): string | null =>
  framework.fixedPath &&
  new URL(redirectUriFor(framework, client)).pathname !== new URL(framework.redirectUri).pathname
    ? framework.redirectUri
    : null

/** The code of a framework with the values of a client in it. */
export const quickStart = (
  framework: Framework,
  client: ClientView,
  { baseUrl, secret = null }: QuickStartOptions,
): Snippet[] => {
  const redirect = new URL(redirectUriFor(framework, client))
  const issuer = `${baseUrl}/oidc`
  const web = redirect.protocol.startsWith('http')
  const values: Record<string, string> = {
    issuer,
    client_id: client.client_id,
    redirect_uri: redirectUriFor(framework, client),
    secret: secret ?? secretToPaste,
    origin: web ? redirect.origin : '',
    path: redirect.pathname,
    port: redirect.port || '4000',
    scheme: redirect.protocol.slice(0, -1),
    base_url: baseUrl,
    api_scopes: client.api_scopes.join(' '),
  }
  const method = client.token_endpoint_auth_method
  const code = client.grant_types.includes('authorization_code')
  const machine = client.grant_types.includes('client_credentials')
  const holds = new Set([
    issuer.startsWith('http:') ? 'http' : 'https',
    client.id_token_signed_response_alg.toLowerCase(),
    ...(code ? ['code', `code_${method}`] : []),
    ...(machine ? ['machine', `machine_${method}`] : []),
    method,
  ])
  return sections(fill(templates.get(framework.id)!, values, holds))
}

/** Lines between `@if <name>` and `@end` are there where it holds; they do not nest. */
const fill = (
  template: string,
  values: Record<string, string>,
  holds: ReadonlySet<string>,
): string =>
  template
    .replace(/^@if (\w+)\n([\s\S]*?)^@end\n/gm, (_all, name: string, inner: string) =>
      holds.has(name) ? inner : '',
    )
    .replace(/\{\{(?:(plain|sh|url) )?(\w+)\}\}/g, (_all, how: string | undefined, name: string) =>
      writes[how ?? 'literal']!(values[name] ?? ''),
    )

/** How a value is written, so that whatever is in it stays a value. */
const writes: Record<string, (value: string) => string> = {
  /** A literal with double quotes of JavaScript, Go, Python, Java, C#, Ruby, Dart, JSON or YAML. */
  literal: (value) => `"${value.replace(/["\\$#{}<`]/g, escaped)}"`,
  /** A word of a shell. */
  sh: (value) =>
    /^[\w./:@%+,=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`,
  url: (value) => encodeURIComponent(value).replaceAll("'", '%27'),
  /** A number, an address or a scheme: what can hold nothing else. */
  plain: (value) => value.replace(/[^\w.:+/-]/g, ''),
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A line `=== server.mjs` begins each. */
const sections = (text: string): Snippet[] =>
  text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n')
      return { name: part.slice(0, end), text: part.slice(end + 1).trim() }
    })
