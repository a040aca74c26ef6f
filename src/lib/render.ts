import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import type { Assets } from './assets.ts'
import type { CompiledViews } from './compile-views.ts'
import { keep } from './keep.ts'
import type { Page, Translate } from './page.ts'

/** Draws a view (`interaction/code`, `error`) as a whole HTML document. */
export type Render = (view: string, page: Page) => string

interface Piece {
  text: string
  /** Came from a value: its direction must not spill over into the sentence. */
  isolated: boolean
}

const rightToLeft = /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}\p{sc=Adlam}]/u

/**
 * Direction of a text that came from somewhere. A phone number has no letters that would tell a
 * browser, so whatever is not written from right to left says so.
 */
export const direction = (text: string): 'ltr' | 'auto' => (rightToLeft.test(text) ? 'auto' : 'ltr')

/**
 * A message in pieces, so that a view can put each text that was filled in into a `<bdi>` of its
 * own, without any HTML in the words.
 */
export const pieces = (
  t: Translate,
  key: string,
  values: Record<string, string | number> = {},
): Piece[] => {
  const texts: string[] = []
  // A private-use character marks both ends of a place; the text itself comes in after the split.
  const places = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? `\uE000${texts.push(value) - 1}\uE000` : value,
  ])
  return t(key, Object.fromEntries(places))
    .split('\uE000')
    .map((text, i) =>
      i % 2 ? { text: texts[Number(text)]!, isolated: true } : { text, isolated: false },
    )
    .filter(({ text }) => text !== '')
}

/** A path with its query, for a GET form, which drops the query of its `action`. */
export const getForm = (href: string) => {
  const [action = '', query = ''] = href.split('?', 2)
  return {
    action,
    fields: [...new URLSearchParams(query)].map(([name, value]) => ({ name, value })),
  }
}

/** The address of another site, or null for any scheme that is not the web's. */
export const webHref = (href: string | null): string | null =>
  href && /^https?:\/\//i.test(href) ? href : null

const helpers = { pieces, direction, getForm, webHref }

const templates = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.pug'))
    .map((path) => path.slice(0, -'.pug'.length).replaceAll(sep, '/'))
    .sort()

export interface ViewOptions {
  directory: string
  assets: Assets
  /** Folders that stay out, such as `dev` in production. */
  without?: readonly string[]
  /** Where compiled views are kept for the next start; nowhere if left out. */
  kept?: string
}

const require = createRequire(import.meta.url)

/** Compiles every view, or finds them compiled: the compiler takes 150 ms and 30 MB. */
const compiledViews = async ({ directory, without = [], kept }: ViewOptions) => {
  const names = templates(directory).filter(
    (name) => !without.some((folder) => name.startsWith(`${folder}/`)),
  )
  const compile = async (): Promise<CompiledViews> => {
    const { compileViews } = await import('./compile-views.ts')
    return compileViews(directory, names)
  }
  if (!kept) return compile()
  const ingredients = [
    require('pug/package.json').version,
    readFileSync(join(import.meta.dirname, 'compile-views.ts'), 'utf8'),
    ...names.flatMap((name) => [name, readFileSync(join(directory, `${name}.pug`), 'utf8')]),
  ]
  return keep(kept, without.length > 0 ? 'views' : 'all-views', ingredients, compile)
}

type Template = (locals: object) => string

/** The source is our own views, compiled; read when the first of them is drawn. */
const toTemplate = (source: string): Template => {
  let template: Template | undefined
  return (locals) => {
    template ??= new Function('pug', `${source}\nreturn template`)(
      require('pug-runtime'),
    ) as Template
    return template(locals)
  }
}

/**
 * Makes every view below `directory` ready. A view draws itself with the `document` of `layout.pug`,
 * or begins with `extends` and brings a layout of its own. It sees `page`, its words as `t`, and the
 * helpers named here; nothing of a page ever becomes an option of pug.
 *
 * @throws when a view can not be compiled; the returned function, when there is no such view
 */
export const loadViews = async (options: ViewOptions): Promise<Render> => {
  const { shared, alone } = await compiledViews(options)
  const asset = options.assets.href
  const views = new Map<string, Template>()
  for (const { names, source } of shared) {
    const template = toTemplate(source)
    for (const name of names) views.set(name, template)
  }
  for (const [name, source] of Object.entries(alone)) views.set(name, toTemplate(source))

  return (view, page) => {
    const template = views.get(view)
    if (!template) throw new Error(`There is no view "${view}"`)
    return template({ view, page, t: page.t, asset, ...helpers })
  }
}
