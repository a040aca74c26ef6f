import Router from '@koa/router'
import type { Context } from 'koa'
import { refuseCrossSite } from '#src/lib/csrf.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Render } from '#src/lib/render.ts'
import type { Inbox, InboxMessage } from '../contract.ts'
import { draw, type InboxPage } from '../pages.ts'
import { presentMessage } from './present.ts'

export interface InboxDeps {
  inbox: Inbox
  render: Render
  /** Public origin of this server. */
  baseUrl: string
  /** Name of this installation. */
  brand: string
  demoUrl: string | null
  /** The one form of an identifier that messages are kept under; null for what is none. */
  canonicalise(to: string): string | null
}

const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

// An email is foreign content: no script, no form, an origin of its own. Its links open new tabs.
const mailPolicy = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data: https:',
  "frame-ancestors 'self'",
].join('; ')

const protect = (ctx: Context, policy: string): void =>
  ctx.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policy,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex',
  })

const inNewTabs = (html: string): string => {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html)
    ? html.replace(/<head[^>]*>/i, (head) => head + base)
    : `<!doctype html>${base}${html}`
}

const asked = (ctx: Context): string => {
  const { to } = ctx.query
  return (typeof to === 'string' ? to : '').trim()
}

/** The members of the JSON, and no others. */
const published = (message: InboxMessage) => ({
  id: message.id,
  channel: message.channel,
  to: message.to,
  usageType: message.usageType,
  locale: message.locale,
  subject: message.subject,
  text: message.text,
  html: message.html,
  code: message.code,
  link: message.link,
  createdAt: message.createdAt.toISOString(),
})

/**
 * What was "sent", in evaluation mode: as a page for people and as JSON for tests. Whoever mounts
 * it puts {@link localOnly} in front.
 */
export const inboxRoutes = (deps: InboxDeps) => {
  const { inbox, render, baseUrl, brand, demoUrl, canonicalise } = deps
  const router = new Router({ prefix: '/dev/inbox' })
  const page = draw(render, { brand, inbox: '/dev/inbox' })
  router.use(refuseCrossSite(new URL(baseUrl).origin))

  const messagesFor = async (typed: string): Promise<readonly InboxMessage[]> => {
    if (!typed) return inbox.list()
    const to = canonicalise(typed)
    return to === null ? [] : inbox.list({ to })
  }

  router.get('/', async (ctx) => {
    protect(ctx, pagePolicy)
    const to = asked(ctx)
    const everything = await inbox.list()
    const query = to ? `?${new URLSearchParams({ to })}` : ''
    const messages = to ? await messagesFor(to) : everything
    ctx.type = 'html'
    ctx.body = page<InboxPage>('inbox', {
      title: 'Inbox',
      messages: messages.map(presentMessage).reverse(),
      recipients: [...new Set(everything.map((message) => message.to))].sort(),
      to,
      here: `/dev/inbox${query}`,
      json: `/dev/inbox/messages${query}`,
      demo: demoUrl,
    })
  })

  router.get('/messages', async (ctx) => {
    protect(ctx, "default-src 'none'")
    ctx.body = (await messagesFor(asked(ctx))).map(published)
  })

  router.delete('/messages', async (ctx) => {
    await inbox.clear()
    ctx.status = 204
  })

  router.post('/clear', async (ctx) => {
    await inbox.clear()
    ctx.status = 303
    ctx.redirect('/dev/inbox')
  })

  router.get('/:id/html', async (ctx) => {
    const found = (await inbox.list()).find(({ id }) => id === ctx.params.id)
    if (!found?.html) throw new Problem('not_found')
    protect(ctx, mailPolicy)
    ctx.set('X-Frame-Options', 'SAMEORIGIN')
    ctx.type = 'html'
    ctx.body = inNewTabs(found.html)
  })

  return router.routes()
}
