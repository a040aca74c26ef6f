/** The rules of the layout: who may import whom, and what no file may have. */
import type { Import, SourceFile } from './source.ts'

/** A rule gives one line for each violation, beginning with the path. */
export type Rule = (file: SourceFile) => string[]

/** A folder imports only from rows below its own. */
const rows: readonly (readonly string[])[] = [
  ['src'],
  ['src/interaction', 'src/account', 'src/admin', 'src/compat', 'src/dev'],
  ['src/oidc', 'src/transfer', 'src/notices', 'src/api'],
  ['src/verification'],
  [
    'src/users',
    'src/clients',
    'src/settings',
    'src/messaging',
    'src/statistics',
    'src/webhooks',
    'src/works',
  ],
  ['src/audit', 'src/limits'],
  ['src/db'],
  ['config', 'connectors', 'migrations'],
  ['src/lib'],
]

/** `src/users`, `config`, …; `src` itself for `main.ts`, `app.ts` and what starts a process. */
const areaOf = (path: string): string => {
  const [top = '', next = '', more] = path.split('/')
  const starts = next === 'process' || next === 'cli'
  return top === 'src' && more !== undefined && !starts ? `src/${next}` : top
}

const rowOf = (area: string): number => rows.findIndex((row) => row.includes(area))

/** Only types and schemas: anyone may import them. */
const isLeaf = (path: string): boolean => /\/(contract|pages)\.ts$/.test(path)

const isTest = ({ path }: SourceFile) => path.startsWith('test/')
const isMigration = ({ path }: SourceFile) => path.startsWith('migrations/')

const isRepository = ({ path }: SourceFile) => /\/(?:[a-z-]+-)?repository\.ts$/.test(path)

const knowsSql = (file: SourceFile) =>
  isRepository(file) || isMigration(file) || file.path.startsWith('src/db/')

/** One line for each import that `is` finds wrong. */
const refuse = (file: SourceFile, words: string, is: (each: Import) => boolean): string[] =>
  file.imports.filter(is).map(({ specifier }) => `${file.path} imports ${specifier}: ${words}`)

/** One line for each place of the code where `pattern` is. */
const forbid = (file: SourceFile, text: string, pattern: RegExp, words: string): string[] =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => {
    const line = text.slice(0, index).split('\n').length
    return `${file.path}:${line} has ${found.trim()}: ${words}`
  })

export const rules: Record<string, Rule> = {
  'a folder imports only from rows below its own': (file) => {
    if (isTest(file)) return []
    const own = areaOf(file.path)
    const row = rowOf(own)
    if (row < 0) return [`${file.path} is in a folder that the layout does not know`]
    return refuse(file, `not below ${own}`, ({ path }) => {
      if (path === null || isLeaf(path) || areaOf(path) === own) return false
      return rowOf(areaOf(path)) <= row
    })
  },

  'a feature is imported through its index.ts or contract.ts': (file) => {
    if (isTest(file)) return []
    return refuse(file, 'not its index.ts', ({ path }) => {
      if (path === null || isLeaf(path)) return false
      const area = areaOf(path)
      if (area === areaOf(file.path) || area === 'src/lib' || area === 'config') return false
      // The files beside the connectors' folders are all for others.
      if (area === 'connectors') return path.split('/').length > 2
      return area !== 'src' && path !== `${area}/index.ts`
    })
  },

  'a contract brings no code along but that of contracts, the library and packages': (file) => {
    if (isTest(file) || !isLeaf(file.path)) return []
    return refuse(file, 'a leaf', ({ path, typeOnly }) => {
      if (path === null || isLeaf(path) || areaOf(path) === 'src/lib') return false
      return !(typeOnly && areaOf(path) === areaOf(file.path))
    })
  },

  'only src/oidc knows oidc-provider': (file) =>
    isTest(file) || file.path.startsWith('src/oidc/')
      ? []
      : refuse(file, 'only src/oidc', (each) => each.package === 'oidc-provider'),

  'only repositories, src/db and migrations know the database': (file) => {
    if (isTest(file) || knowsSql(file) || file.path === 'config/knexfile.js') return []
    const drivers = ['knex', 'pg', '@electric-sql/pglite']
    return [
      ...refuse(file, 'a repository', (each) => drivers.includes(each.package ?? '')),
      ...forbid(file, file.code, /\.(?:query|raw)(?:<[^()\n]*>)?\(|\.knex\b/g, 'a repository'),
    ]
  },

  'only config/env.ts reads the environment': (file) =>
    isTest(file) || file.path === 'config/env.ts'
      ? []
      : forbid(
          file,
          file.code,
          /\bprocess\s*\.\s*env\b|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/g,
          'config/env.ts',
        ),

  'a policy imports types only': (file) =>
    /\/policy\.ts$/.test(file.path) ? refuse(file, 'types only', ({ typeOnly }) => !typeOnly) : [],

  'a connector knows its vendor and the contract': (file) => {
    if (areaOf(file.path) !== 'connectors') return []
    const [, own = ''] = file.path.split('/')
    const isFolder = file.path.split('/').length > 2
    return refuse(file, 'not its own', ({ path }) => {
      if (path === null) return false
      const [top, folder = '', inside] = path.split('/')
      return top !== 'connectors' || (isFolder && inside !== undefined && folder !== own)
    })
  },

  'a file has at most 300 lines': ({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines > 300 ? [`${path} has ${lines} lines`] : []
  },

  'files and folders are named in kebab-case': (file) => {
    const [name = '', ...folders] = file.path.split('/').reverse()
    const named = isMigration(file)
      ? /^\d{14}_[a-z0-9]+(_[a-z0-9]+)*\.ts$/
      : /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.[mc]?[jt]s$/
    const good = named.test(name) && folders.every((each) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(each))
    return good ? [] : [`${file.path} is named otherwise`]
  },

  'nothing is printed to the console but by the log': (file) =>
    isTest(file) ? [] : forbid(file, file.code, /\bconsole\s*\.\s*\w+/g, 'the log'),

  'no type is any': (file) =>
    forbid(file, file.code, /(?:[:<|&,=]|\bas|=>)\s*any\b(?!\s*[:(.])/g, 'say which'),

  'nothing is left for later': (file) =>
    forbid(file, file.comments, /\b(?:TODO|FIXME|XXX|HACK)\b/g, 'do it, or leave it'),
}

/** Every violation of every rule, as lines. */
export const violations = (files: readonly SourceFile[]): string[] =>
  Object.values(rules).flatMap((rule) => files.flatMap(rule))
