import type { Middleware } from 'koa'
import type { FlowDeps } from './deps.ts'

/**
 * Sites of other hosts whose pages may use the passkeys of this one (WebAuthn Level 3, section
 * 5.11). Browsers fetch it from there.
 */
export const relatedOrigins =
  ({ verifications: { passkey } }: Pick<FlowDeps, 'verifications'>): Middleware =>
  (ctx, next) => {
    if (ctx.path !== '/.well-known/webauthn') return next()
    const origins = passkey.relatedOrigins()
    if (!passkey.isOn() || origins.length === 0 || ctx.method !== 'GET') return next()
    ctx.body = { origins }
    return Promise.resolve()
  }
