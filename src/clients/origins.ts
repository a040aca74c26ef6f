import type { Client } from './contract.ts'

/**
 * Whether scripts of this origin speak for the client: only public clients run in a browser, and
 * only where they also receive their answers. Custom schemes have no origin that could be trusted,
 * since all of them call it `null`.
 */
export const hasOrigin = (client: Client, origin: string): boolean =>
  client.token_endpoint_auth_method === 'none' &&
  client.redirect_uris.some((uri) => {
    const url = URL.parse(uri)
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin
  })
