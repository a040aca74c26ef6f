import type { Context } from 'koa'
import type { I18n, Language, OwnWords } from './i18n.ts'
import type { Own, Page, Translate } from './page.ts'
import type { Render } from './render.ts'

/** What pages say of the installation; changes while the server runs. */
export interface Brand {
  name: string
  logoUri: string | null
  /** `#rrggbb` */
  color: string
  /** Stylesheet for a colour; null for the built-in one. */
  cssFor: (color: string) => string | null
  links: Page['links']
  defaultLanguage: string
  /** Codes of the languages that people may choose from; none: every one. */
  offeredLanguages: readonly string[]
}

export interface ShowDeps {
  render: Render
  i18n: I18n
  brand: () => Brand
  /** What an admin says instead of our words, by language and key. */
  words: () => Readonly<Record<string, OwnWords>>
  /** Evaluation only. */
  inbox: string | null
}

export interface Shown {
  status?: number
  /** What the relying party asked for. */
  uiLocales?: string | undefined
}

export interface Pages {
  /** Every language that pages are read in. */
  languages: readonly Pick<Language, 'code' | 'name'>[]
  /** The language of this request: chosen on a page, asked for, remembered, or accepted. */
  language(ctx: Context, uiLocales?: string): { code: string; t: Translate }
  /** The same among languages that somebody else chooses, such as those of the console. */
  languageOf(ctx: Context, among: readonly string[]): string
  /** Answers with a page, filling in what every page has. */
  show<P extends Page>(ctx: Context, view: string, own: Own<P>, shown?: Shown): void
}

/** With https, no other host may set it for this one. */
const cookieName = (ctx: Context) => (ctx.secure ? '__Host-avouch_lang' : 'avouch_lang')
const yearMs = 365 * 24 * 60 * 60 * 1000

const first = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length < 64 ? value : undefined

export const pages = ({ render, i18n, words, brand, inbox }: ShowDeps): Pages => {
  const translator = (code: string): Translate => i18n.translator(code, words()[code])

  const negotiate = (ctx: Context, uiLocales?: string, among?: readonly string[]): Language => {
    const known = ctx.state.language as Language | undefined
    if (known) return known
    const chosen = first(ctx.query.lang)
    const { defaultLanguage, offeredLanguages } = brand()
    const language = i18n.negotiate(
      {
        chosen,
        uiLocales: first(uiLocales),
        remembered: first(ctx.cookies.get(cookieName(ctx), { signed: false })),
        accept: ctx.get('accept-language').slice(0, 256),
        fallback: defaultLanguage,
      },
      among ?? offeredLanguages,
    )
    if (chosen && language.code === chosen) {
      ctx.cookies.set(cookieName(ctx), chosen, { maxAge: yearMs, sameSite: 'lax', signed: false })
    }
    ctx.state.language = language
    return language
  }

  return {
    languages: i18n.languages,

    language(ctx, uiLocales) {
      const { code } = negotiate(ctx, uiLocales)
      return { code, t: translator(code) }
    },

    languageOf: (ctx, among) => negotiate(ctx, undefined, among).code,

    show(ctx, view, own, { status = 200, uiLocales } = {}) {
      const { code, dir } = negotiate(ctx, uiLocales)
      const { name, logoUri, color, cssFor, links, offeredLanguages } = brand()
      const page: Page = {
        lang: code,
        dir,
        t: translator(code),
        languages: offered(i18n.languages, offeredLanguages),
        here: hereOf(ctx),
        app: null,
        brand: name,
        logoUri,
        brandCss: cssFor((own.app as Page['app'] | undefined)?.color ?? color),
        links,
        inbox,
        error: null,
        ...own,
      }
      ctx.status = status
      ctx.type = 'html'
      ctx.set('content-language', code)
      ctx.body = render(view, page)
    },
  }
}

const offered = (all: readonly Language[], codes: readonly string[]): readonly Language[] =>
  codes.length === 0 ? all : all.filter(({ code }) => codes.includes(code))

/** A page that answered a POST is looked at again with GET, so the menu goes to the page itself. */
const hereOf = (ctx: Context): string => {
  const [given = '', ...search] = ctx.originalUrl.split('?')
  // Two slashes, of either kind, would be another host.
  const path = given.replace(/^[/\\]+/, '/')
  if (ctx.method !== 'GET') return ctx.state.page ?? path
  const query = new URLSearchParams(search.join('?'))
  query.delete('lang')
  return query.size > 0 ? `${path}?${query}` : path
}
