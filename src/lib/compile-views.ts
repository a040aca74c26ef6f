/** The template compiler, which only those load who find nothing compiled. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import pug from 'pug'

/** Source of functions that draw views: `function template(locals)`, over `pug-runtime` as `pug`. */
export interface CompiledViews {
  /** Each draws any of the views that share a layout, by their name. */
  shared: readonly { names: readonly string[]; source: string }[]
  /** Views that bring a layout of their own. */
  alone: Readonly<Record<string, string>>
}

const parts = new Set(['layout', 'mixins'])

const bringsItsLayout = (text: string): boolean => /^extends /m.test(text)

/** Folders whose views share a layout of their own, with mixins beside those of all. */
const families = ['admin']

const familyOf = (name: string): string =>
  families.find((folder) => name.startsWith(`${folder}/`)) ?? ''

/** One template for all: parsing layout and mixins again for each view takes most of a second. */
const together = (family: string, names: readonly string[]): string =>
  [
    '- const { view, page, t, asset, pieces, direction, getForm, webHref } = self',
    'include mixins',
    ...(family ? [`include ${family}/mixins`, `include ${family}/layout`] : ['include layout']),
    ...names.flatMap((name, i) => [
      `${i === 0 ? 'if' : 'else if'} view === '${name}'`,
      `  include ${name}`,
    ]),
  ].join('\n')

/** @throws when a view can not be compiled */
export const compileViews = (directory: string, all: readonly string[]): CompiledViews => {
  const compile = (text: string, filename: string, self: boolean) =>
    pug.compileClient(text, { filename, self, doctype: 'html', compileDebug: false })

  const files = all
    .filter((name) => !parts.has(basename(name)))
    .map((name) => {
      const path = join(directory, `${name}.pug`)
      return { name, path, text: readFileSync(path, 'utf8') }
    })
  const names = files.filter(({ text }) => !bringsItsLayout(text)).map(({ name }) => name)
  const shared = ['', ...families]
    .map((family) => ({ family, names: names.filter((name) => familyOf(name) === family) }))
    .filter((each) => each.names.length > 0)
  return {
    shared: shared.map((each) => ({
      names: each.names,
      source: compile(together(each.family, each.names), join(directory, 'all.pug'), true),
    })),
    alone: Object.fromEntries(
      files
        .filter(({ text }) => bringsItsLayout(text))
        .map(({ name, path, text }) => [name, compile(text, path, false)]),
    ),
  }
}
