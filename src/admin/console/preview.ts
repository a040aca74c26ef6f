import Router from '@koa/router'
import { type Assets, brandStyles } from '#src/lib/assets.ts'
import { contrast, textOn } from '#src/lib/colour.ts'
import type { I18n, Language } from '#src/lib/i18n.ts'
import type { Render } from '#src/lib/render.ts'
import type { SettingsView } from '#src/settings/index.ts'
import { fixtures } from '../samples/index.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

export interface PreviewDeps {
  frame: Frame
  i18n: I18n
  render: Render
  assets: Assets
}

/** What the pages are to look like: typed, or else what is saved. */
interface Looks {
  sample: string
  language: string
  scheme: 'light' | 'dark'
  width: 'phone' | 'desktop'
  name: string
  color: string
  logo: string
}

/** `admin/preview`: one page in one state, in a frame. */
export interface PreviewPage extends ConsolePage {
  looks: Looks
  /** By view, its states. */
  samples: readonly { view: string; states: readonly string[] }[]
  spoken: readonly Pick<Language, 'code' | 'name'>[]
  frameHref: string
  /** Of the text on the button, from 1 to 21. */
  contrast: string
  textColor: string
}

const text = (value: unknown, most = 512): string =>
  typeof value === 'string' && value.length <= most ? value : ''

const hex = /^#[0-9a-f]{6}$/i
const picture = /^https:\/\//i

const looksOf = ({ ctx }: Visit, { settings }: SettingsView): Looks => {
  const { query } = ctx
  const name = text(query.name, 64)
  return {
    sample: fixtures.find((one) => one.name === query.sample)?.name ?? fixtures[0]!.name,
    language: text(query.language, 16) || settings.signIn.languages.default,
    scheme: query.scheme === 'dark' ? 'dark' : 'light',
    width: query.width === 'desktop' ? 'desktop' : 'phone',
    name: name || settings.branding.name,
    color: hex.test(text(query.color)) ? text(query.color) : settings.branding.color,
    logo: 'logo' in query ? text(query.logo) : (settings.branding.logoUri ?? ''),
  }
}

const grouped = (): PreviewPage['samples'] => {
  const views = [...new Set(fixtures.map(({ view }) => view))]
  return views.map((view) => ({
    view,
    states: fixtures.filter((one) => one.view === view).map(({ name }) => name),
  }))
}

/** Hosted pages as people will see them, with what was typed and before it is saved. */
export const previewPages = ({ frame, i18n, render, assets }: PreviewDeps) => {
  const router = new Router({ prefix: '/admin/experience/preview' })
  const samples = grouped()

  router.get(
    '/',
    frame.page(async (visit) => {
      const looks = looksOf(visit, await visit.run<SettingsView>('settings.read'))
      const textColor = textOn(looks.color)
      visit.show<PreviewPage>('admin/preview', {
        looks,
        samples,
        spoken: i18n.languages,
        frameHref: `/admin/experience/preview/frame?${new URLSearchParams({ ...looks })}`,
        contrast: contrast(looks.color, textColor).toFixed(1),
        textColor,
      })
    }),
  )

  router.get(
    '/frame',
    frame.page(async (visit) => {
      const view = await visit.run<SettingsView>('settings.read')
      const looks = looksOf(visit, view)
      const sample = fixtures.find(({ name }) => name === looks.sample)!
      const language =
        i18n.languages.find(({ code }) => code === looks.language) ?? i18n.languages[0]!
      const t = i18n.translator(language.code, view.settings.words[language.code])
      const page = sample.page(language, t)
      const html = render(sample.view, {
        ...page,
        app: page.app && { ...page.app, logoUri: null },
        brand: looks.name,
        logoUri: picture.test(looks.logo) ? looks.logo : null,
      })
      const { ctx } = visit
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
    }),
  )

  // The colours that a person's device would choose, chosen here.
  router.get(
    '/style.css',
    frame.page(({ ctx }) => {
      const color = hex.test(text(ctx.query.color)) ? text(ctx.query.color) : '#1f5f8b'
      const css = `${assets.text('page.css')}\n${brandStyles(color)}`
      const chosen = ctx.query.scheme === 'dark' ? 'all' : 'not all'
      ctx.type = 'css'
      ctx.body = css
        .replace(/\(prefers-color-scheme:\s*dark\)/g, chosen)
        .replace('color-scheme: light dark', `color-scheme: ${chosen === 'all' ? 'dark' : 'light'}`)
    }),
  )
  return router
}
