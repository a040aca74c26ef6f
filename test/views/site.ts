import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import type { Fixture } from '#src/admin/samples/index.ts'
import { loadAssets } from '#src/lib/assets.ts'
import { type Language, loadLocales } from '#src/lib/i18n.ts'
import { loadViews } from '#src/lib/render.ts'
import type { Scope } from '../support/scope.ts'

export const i18n = loadLocales('views/locales')
export const assets = loadAssets('views/assets')
const render = await loadViews({ directory: 'views', assets, without: ['dev'] })

/** A fixture in one language, as the server would answer it. */
export const draw = ({ view, page }: Fixture, language: Language): string =>
  render(view, page(language, i18n.translator(language.code)))

/** As hosted pages have it, without `form-action`: design, section 4. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface Sent {
  path: string
  body: string
}

/** A server that answers every GET with one page at a time, and remembers what was sent to it. */
export const withSite = async (t: Scope) => {
  const sent: Sent[] = []
  let html = ''
  let state: object = { state: 'waiting', delivery: 'accepted' }

  const app = new Koa()
  app.use(assets.middleware)
  app.use(async (ctx) => {
    ctx.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' })
    if (ctx.path.endsWith('/state')) {
      ctx.body = state
      return
    }
    if (ctx.method === 'GET') {
      ctx.type = 'html'
      ctx.body = html
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of ctx.req) chunks.push(chunk)
    sent.push({ path: ctx.path, body: Buffer.concat(chunks).toString() })
    // The browser stays on the page that it is on.
    ctx.status = 204
  })
  const server = createServer(app.callback())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`,
    sent,
    show: (page: string) => {
      html = page
    },
    answerState: (answer: object) => {
      state = answer
    },
  }
}
