/** Source files as the architecture test sees them: text, code without comments, imports. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  path: string
  text: string
  /** The text with comments and the insides of strings blanked; lines stay where they are. */
  code: string
  /** Only the comments. */
  comments: string
  imports: readonly Import[]
}

export interface Import {
  /** As written. */
  specifier: string
  /** Path in the repository; null for packages and Node's own modules. */
  path: string | null
  /** Name of the package (`node:fs` is one, too); null for files. */
  package: string | null
  /** Nothing of it remains when types are stripped. */
  typeOnly: boolean
}

const root = join(import.meta.dirname, '../..')

/** Every source file of the product and its tests. */
export const readSources = (): SourceFile[] =>
  globSync('{config,connectors,migrations,src,test}/**/*.{ts,js,mjs,cjs}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8')))

export const sourceFile = (path: string, text: string): SourceFile => {
  const parts = split(text)
  const code = parts.map(({ kind, text }) => (kind === 'code' ? text : blank(text))).join('')
  const named = parts.map(({ kind, text }) => (kind === 'comment' ? blank(text) : text)).join('')
  const comments = parts
    .filter(({ kind }) => kind === 'comment')
    .map((part) => part.text)
    .join('\n')
  return { path, text, code, comments, imports: importsOf(path, named, code) }
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ')

interface Part {
  kind: 'code' | 'string' | 'comment'
  text: string
}

/** After these a slash begins a regular expression; after anything else it divides. */
const beforePattern = /(?:^|[=(,:;[!&|?{}+\-*%<>~^\n]|\b(?:return|typeof|case|in|of|do|else|void))$/

/** Tells code, strings and comments apart. Regular expressions count as strings. */
const split = (text: string): Part[] => {
  const parts: Part[] = []
  /** For each open `${`, how many braces are open inside it. */
  const braces: number[] = []
  let at = 0
  let before = ''

  const take = (kind: Part['kind'], length: number) => {
    const taken = text.slice(at, at + length)
    at += length
    if (kind !== 'comment' && taken.trim()) before = (before + taken).trimEnd().slice(-20)
    const last = parts.at(-1)
    if (last?.kind === kind) last.text += taken
    else parts.push({ kind, text: taken })
  }
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0].length ?? 1
  }
  const template = () => {
    take('string', match(/[`}](?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)?/suy))
    if (text.slice(at - 2, at) === '${') braces.push(0)
  }

  while (at < text.length) {
    const two = text.slice(at, at + 2)
    const one = two[0]!
    if (two === '//') take('comment', match(/\/\/[^\n]*/y))
    else if (two === '/*') take('comment', match(/\/\*.*?\*\//sy))
    else if (one === '"') take('string', match(/"(?:[^"\\\n]|\\.)*"/suy))
    else if (one === "'") take('string', match(/'(?:[^'\\\n]|\\.)*'/suy))
    else if (one === '`') template()
    else if (one === '}' && braces.at(-1) === 0) {
      braces.pop()
      template()
    } else if (one === '/' && beforePattern.test(before)) {
      take('string', match(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy))
    } else {
      if (braces.length && one === '{') braces.push(braces.pop()! + 1)
      if (braces.length && one === '}') braces.push(braces.pop()! - 1)
      take('code', match(/[\w$]+|\s+|./suy))
    }
  }
  return parts
}

const statements =
  /(?<![\w$.])(?:import|export)\s+(?<clause>[\w$*{},\s]*?)\s*\bfrom\s*(?<quote>['"])(?<from>[^'"]+)\k<quote>/g
const bare = /(?<![\w$.])import\s*\(?\s*(?<quote>['"`])(?<from>[^'"`$]+)\k<quote>/g

const importsOf = (path: string, named: string, code: string): Import[] => {
  const found = [...named.matchAll(statements), ...named.matchAll(bare)]
  return (
    found
      // The word itself must be code: a string may well talk of imports.
      .filter((match) => /^\w/.test(code.slice(match.index)))
      .map(({ groups }) => importOf(path, groups!.from!, groups!.clause ?? ''))
  )
}

const importOf = (path: string, specifier: string, clause: string): Import => {
  const file = resolve(path, specifier)
  return {
    specifier,
    path: file,
    package: file === null ? packageOf(specifier) : null,
    typeOnly: /^type\b/.test(clause) || isAllTypes(clause),
  }
}

/** `{ type A, type B }` */
const isAllTypes = (clause: string): boolean => {
  const names = /^\{(.*)\}$/s.exec(clause.trim())?.[1]?.split(',') ?? ['']
  return names.filter((name) => name.trim()).every((name) => /^\s*type\s/.test(name)) && !!names[0]
}

const resolve = (from: string, specifier: string): string | null => {
  if (specifier.startsWith('.')) return posix.join(dirname(from), specifier)
  const alias = /^#(src|config|connectors)\/(.+)$/.exec(specifier)
  return alias ? `${alias[1]}/${alias[2]}` : null
}

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
