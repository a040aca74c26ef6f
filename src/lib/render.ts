import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import pug from 'pug'
import type { Assets } from './assets.ts'
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

const parts = new Set(['layout', 'mixins'])

const viewNames = (directory: string, without: readonly string[]): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.pug'))
    .map((path) => path.slice(0, -'.pug'.length).replaceAll(sep, '/'))
    .filter((name) => !parts.has(basename(name)))
    .filter((name) => !without.some((folder) => name.startsWith(`${folder}/`)))

const bringsItsLayout = (file: string): boolean => /^extends /m.test(readFileSync(file, 'utf8'))

/** One template for all: parsing layout and mixins again for each view takes most of a second. */
const together = (names: readonly string[]): string =>
  [
    '- const { view, page, t, asset, pieces, direction, getForm, webHref } = self',
    'include mixins',
    'include layout',
    ...names.flatMap((name, i) => [
      `${i === 0 ? 'if' : 'else if'} view === '${name}'`,
      `  include ${name}`,
    ]),
  ].join('\n')

export interface ViewOptions {
  directory: string
  assets: Assets
  /** Folders that stay out, such as `dev` in production. */
  without?: readonly string[]
}

/**
 * Compiles every view below `directory`, once. A view draws itself with the `document` of
 * `layout.pug`, or begins with `extends` and brings a layout of its own. It sees `page`, its words
 * as `t`, and the helpers named here; nothing of a page ever becomes an option of pug.
 *
 * @throws when a view can not be compiled; the returned function, when there is no such view
 */
export const loadViews = ({ directory, assets, without = [] }: ViewOptions): Render => {
  const compile = (source: string, filename: string, self = false) =>
    pug.compile(source, { filename, self, doctype: 'html', pretty: false, compileDebug: false })

  const names = viewNames(directory, without)
  const fileOf = (name: string) => join(directory, `${name}.pug`)
  const [alone, shared] = [true, false].map((own) =>
    names.filter((name) => bringsItsLayout(fileOf(name)) === own),
  ) as [string[], string[]]

  const all = compile(together(shared), join(directory, 'all.pug'), true)
  const templates = new Map(shared.map((name) => [name, all]))
  for (const name of alone) {
    templates.set(name, compile(readFileSync(fileOf(name), 'utf8'), fileOf(name)))
  }

  return (view, page) => {
    const template = templates.get(view)
    if (!template) throw new Error(`There is no view "${view}"`)
    return template({ view, page, t: page.t, asset: assets.href, ...helpers })
  }
}
