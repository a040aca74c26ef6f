import type { Context } from 'koa'
import type { Client } from '#src/clients/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { AccountDeps } from '../deps.ts'

/** The way back to the application that sent somebody here. */
export interface WayBack {
  href: string
  app: string
}

type Deps = Pick<AccountDeps, 'keys' | 'baseUrl' | 'findClient'>

const hour = 60 * 60 * 1000
const sealedFor = 'return address'

const nameOf = ({ baseUrl }: Deps) =>
  baseUrl.startsWith('https:') ? '__Host-avouch_return' : 'avouch_return'

/** Registered as it is, or of the same site as what is registered. */
const isRegistered = (client: Client, href: string): boolean => {
  const all = [...client.redirect_uris, ...client.post_logout_redirect_uris]
  if (all.includes(href)) return true
  const url = URL.parse(href)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return false
  return all.some((uri) => URL.parse(uri)?.origin === url.origin)
}

const find = async (
  { findClient }: Deps,
  href: string,
  clientId: string,
): Promise<WayBack | null> => {
  const client = await findClient(clientId)
  return client && isRegistered(client, href) ? { href, app: client.client_name } : null
}

/**
 * Remembers where an application wants its person back, while they are here.
 *
 * @throws Problem `return_address_unknown`
 */
export const keepWayBack = async (
  deps: Deps,
  ctx: Context,
  href: string,
  clientId: string,
): Promise<void> => {
  const known = href.length <= 1024 && clientId.length <= 255
  if (!known || !(await find(deps, href, clientId))) throw new Problem('return_address_unknown')
  const sealed = deps.keys.seal(JSON.stringify([href, clientId]), sealedFor)
  ctx.cookies.set(nameOf(deps), sealed.toString('base64url'), {
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.baseUrl.startsWith('https:'),
    signed: false,
    path: '/',
    maxAge: hour,
  })
}

/** The way back, if there is one and it is still registered. */
export const readWayBack = async (deps: Deps, ctx: Context): Promise<WayBack | null> => {
  const sealed = ctx.cookies.get(nameOf(deps), { signed: false })
  if (!sealed) return null
  try {
    const text = deps.keys.open(Buffer.from(sealed, 'base64url'), sealedFor)
    const [href, clientId] = JSON.parse(text) as [string, string]
    return await find(deps, href, clientId)
  } catch {
    // Of another time, or somebody has played with it.
    return null
  }
}
