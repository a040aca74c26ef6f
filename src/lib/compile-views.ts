/** The template compiler, which only those load who find nothing compiled. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import pug from 'pug'

/** Source of functions that draw views: `function template(locals)`, over `pug-runtime` as `pug`. */
export interface CompiledViews {
  /** Draws any of the views that share the layout, by their name. */
  shared: { names: readonly string[]; source: string }
  /** Views that bring a layout of their own. */
  alone: Readonly<Record<string, string>>
}

const parts = new Set(['layout', 'mixins'])

const bringsItsLayout = (text: string): boolean => /^extends /m.test(text)

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
  return {
    shared: { names, source: compile(together(names), join(directory, 'all.pug'), true) },
    alone: Object.fromEntries(
      files
        .filter(({ text }) => bringsItsLayout(text))
        .map(({ name, path, text }) => [name, compile(text, path, false)]),
    ),
  }
}
