import Router from '@koa/router'
import { type Assets, brandStyles } from '#src/lib/assets.ts'
import type { I18n } from '#src/lib/i18n.ts'
import type { Render } from '#src/lib/render.ts'
import type { SettingsView } from '#src/settings/index.ts'
import { fieldsOfQuery } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import { isColor, type Look, lookOf, readLooks, sampled } from './look.ts'
import type { ConsolePage } from './pages.ts'
import type { Sessions } from './session.ts'
import { typedWords } from './words.ts'

export interface PreviewDeps {
  frame: Frame
  sessions: Sessions
  i18n: I18n
  render: Render
  assets: Assets
}

/** `admin/preview`: one page in one state, with all the room there is. */
export interface PreviewPage extends ConsolePage {
  look: Look
}

/** Hosted pages as people will see them, with what was typed and before it is saved. */
export const previewPages = ({ frame, sessions, i18n, render, assets }: PreviewDeps) => {
  const router = new Router({ prefix: '/admin/experience/preview' })

  const looksOf = async (visit: Visit) => {
    const { settings } = await visit.run<SettingsView>('settings.read')
    return { settings, looks: readLooks(fieldsOfQuery(visit.ctx), settings) }
  }

  router.get(
    '/',
    frame.page(async (visit) => {
      const { looks } = await looksOf(visit)
      visit.show<PreviewPage>('admin/preview', { look: lookOf(looks, i18n, visit.t) })
    }),
  )

  router.get(
    '/frame',
    frame.page(async (visit) => {
      const { settings, looks } = await looksOf(visit)
      const { ctx } = visit
      const language =
        i18n.languages.find(({ code }) => code === looks.language) ?? i18n.languages[0]!
      const typed = 'typed' in ctx.query ? await typedWords(sessions, ctx, language.code) : {}
      const own = { ...settings.words[language.code], ...typed }
      const { view, ...page } = sampled(looks, language, i18n.translator(language.code, own))
      const html = render(view, page)
      // Nothing in it works, and only this console may show it. Its own origin, without scripts, so
      // that it may load its style.
      ctx.set({
        'content-security-policy':
          "sandbox allow-same-origin; default-src 'none'; style-src 'self'; img-src 'self' data: https:; frame-ancestors 'self'",
        'x-frame-options': 'SAMEORIGIN',
      })
      ctx.type = 'html'
      const { color, scheme } = looks
      const styles = `/admin/experience/preview/style.css?${new URLSearchParams({ color, scheme })}`
      ctx.body = html
        .replace(assets.href('page.css'), styles.replaceAll('&', '&amp;'))
        .replace(/<script [^>]*><\/script>| autofocus(?:="[^"]*")?/g, '')
        // As the script leaves it that does not run here.
        .replace(/(<form class="passkey"[^>]*?) hidden\b(?:="[^"]*")?/g, '$1')
    }),
  )

  // The colours that a person's device would choose, chosen here.
  router.get(
    '/style.css',
    frame.page(({ ctx }) => {
      const asked = fieldsOfQuery(ctx).text('color')
      const css = `${assets.text('page.css')}\n${brandStyles(isColor(asked) ? asked : '#1f5f8b')}`
      const chosen = ctx.query.scheme === 'dark' ? 'all' : 'not all'
      ctx.type = 'css'
      ctx.body = css
        .replace(/\(prefers-color-scheme:\s*dark\)/g, chosen)
        .replace(/\(scripting:\s*enabled\)/g, 'screen')
        .replace('color-scheme: light dark', `color-scheme: ${chosen === 'all' ? 'dark' : 'light'}`)
    }),
  )
  return router
}
